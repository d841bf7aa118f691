"""One schedule: some clicks, a queue, consumers and folders that take turns, and faults.

The actors are greenlets that stop before and after each call, so that any interleaving may happen, and the
same seed gives the same schedule, but for the names that the engine draws. Time is the schedule's own: leases
expire while their holders stand still.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet
from services.analytics.tests.support import (
    Counted,
    create_tables,
    make_click,
    read_counted,
    sum_of,
    truth_of,
)

from analytics.counting.claim import SETTLED, claim_clicks, journal_erasures
from analytics.counting.counters import CounterTables, DynamoDbCounters
from analytics.counting.fold import Folder, FoldReport
from analytics.counting.journal import Entry
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.patience import Patience
from analytics.counting.ports import BusyError, LeaseLostError, LedgerMismatchError
from analytics.domain.clicks import Click
from analytics.domain.erasures import Erasure
from hopcount_shared.base62 import random_text
from tests.support.faults import Crash, Fault, FaultyDynamoDb

START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
"""So that the clicks of the hour before are on two days."""
HORIZON = timedelta(days=120)
LEASE = timedelta(seconds=25)
LIFETIME = 20
VISIBILITY = 30
OWNERS = {"docs": "ann", "blog": "ann", "shop": "bob", "wiki": "bob", "chat": "ann"}
ACTORS = 4
MAX_SHARDS = 3
FAULT_RATE = 0.08
CALM_AFTER = 600
"""Steps after which nothing fails any more, so that every schedule ends."""

T = TypeVar("T")
LedgerType = Callable[..., DynamoDbLedger]
Message = Click | Erasure
Rows = dict[tuple[str, Any], dict[str, int]]


@dataclass
class Result:
    """What schedules came to: clicks delivered, and how far counters are below and above the truth."""

    clicks: int = 0
    lost: int = 0
    doubled: int = 0
    calls: int = 0
    faults: int = 0
    problems: list[str] = field(default_factory=list)


class Schedule:
    """Runs one schedule.

    Parameters
    ----------
    dynamodb
        A client of the local AWS.
    seed
        Which schedule.
    ledger_type
        Makes the ledger; an engine broken on purpose brings its own.
    """

    def __init__(self, dynamodb: Any, seed: int, ledger_type: LedgerType = DynamoDbLedger) -> None:
        self._dice = random.Random(seed)  # noqa: S311
        self._dynamodb = dynamodb
        self._names = {
            table: f"chaos-{random_text(8)}-{table.lower()}"
            for table in ("CLICK_LEDGER_TABLE", "DAILY_STATS_TABLE", "URL_SHORTENER_TABLE", "USER_TABLE")
        }
        self._tables = CounterTables(
            links=self._names["URL_SHORTENER_TABLE"],
            days=self._names["DAILY_STATS_TABLE"],
            users=self._names["USER_TABLE"],
        )
        self._faulty = FaultyDynamoDb(dynamodb, self._dice, FAULT_RATE, _stop)
        self._now = START
        client: Any = self._faulty
        self._ledger = ledger_type(client, self._names["CLICK_LEDGER_TABLE"], HORIZON, self._clock)
        self._seen = DynamoDbLedger(dynamodb, self._names["CLICK_LEDGER_TABLE"], HORIZON, self._clock)
        self._folder = Folder(
            self._ledger,
            DynamoDbCounters(client, self._tables, HORIZON),
            timedelta(0),
            LEASE,
            self._clock,
            _draw,
            self._each,
        )
        self._shards = self._dice.randint(1, MAX_SHARDS)
        self._erased = self._dice.choice([None, None, *OWNERS])
        self._queue: list[tuple[datetime, Message]] = []
        self._actors: dict[greenlet, list[Message]] = {}
        self._mismatches = 0

    def run(self, result: Result) -> None:
        """Deliver, drain, compare; deliver everything again, drain, compare."""
        create_tables(self._dynamodb, self._names)
        try:
            for code in OWNERS:
                self._dynamodb.put_item(TableName=self._tables.links, Item={"id": {"S": code}})
            clicks = self._make_clicks()
            messages: list[Message] = [*clicks]
            if self._erased:
                messages.append(Erasure("link", self._erased))
            truth = truth_of(clicks)
            for deliveries in ([1, 1, 1, 2, 3], [1]):
                self._faulty.rate = FAULT_RATE
                self._queue = [
                    (self._now, message) for message in messages for _ in range(self._dice.choice(deliveries))
                ]
                self._drain()
                self._compare(truth, result)
            result.clicks += len(clicks)
            result.calls += self._faulty.calls
            result.faults += len(self._faulty.suffered)
        finally:
            for name in self._names.values():
                self._dynamodb.delete_table(TableName=name)

    @property
    def suffered(self) -> frozenset[Fault]:
        """The kinds of faults that happened."""
        return frozenset(self._faulty.suffered)

    def _make_clicks(self) -> list[Click]:
        dice = self._dice
        clicks = []
        for n in range(dice.randint(40, 120)):
            code = dice.choice(list(OWNERS))
            click = make_click(
                n // 3,
                producer="abc"[n % 3] * 22,
                short_code=code,
                user_id=OWNERS[code],
                occurred_at=START - timedelta(minutes=dice.randrange(60)),
            )
            is_bot = dice.random() < 0.1
            clicks.append(
                click._replace(visitor=click.visitor._replace(is_bot=is_bot, country=dice.choice("ABC") * 2))
            )
        return clicks

    def _clock(self) -> datetime:
        return self._now

    def _each(self, do: Callable[[T], object], things: Iterable[T]) -> None:
        order = list(things)
        self._dice.shuffle(order)
        for thing in order:
            do(thing)

    def _drain(self) -> None:
        """Go on until everything is delivered, folded, and over."""
        steps = 0
        while not self._mismatches and (self._actors or self._queue or not self._is_folded()):
            steps += 1
            if steps > CALM_AFTER:
                self._faulty.rate = 0
            self._now += timedelta(seconds=self._dice.choice([0, 0, 0, 0, 0, 1, 1, 10]))
            if len(self._actors) < ACTORS:
                self._start()
            if self._actors:
                self._go_on(self._dice.choice(list(self._actors)))

    def _is_folded(self) -> bool:
        heads = {head.shard: head for head in self._seen.heads()}
        return all(
            (shard not in heads or heads[shard].folded) and not self._seen.pending(shard)
            for shard in range(self._shards)
        )

    def _start(self) -> None:
        ready = [delivery for delivery in self._queue if delivery[0] <= self._now]
        if ready and self._dice.random() < 0.5:
            batch = self._dice.sample(ready, min(len(ready), self._dice.randint(1, 40)))
            for delivery in batch:
                self._queue.remove(delivery)
            messages = [message for _, message in batch]
            self._actors[greenlet(partial(self._consume, messages))] = messages
        elif not (self._queue or self._actors) or self._dice.random() < 0.1:
            self._actors[greenlet(partial(self._fold, self._dice.randrange(self._shards)))] = []

    def _go_on(self, actor: greenlet) -> None:
        held = self._actors[actor]
        try:
            actor.switch()
        except Crash:
            # What it held comes back when it has been out of sight for long enough.
            back = self._now + timedelta(seconds=VISIBILITY)
            self._queue += [(back, message) for message in held]
        if actor.dead:
            del self._actors[actor]

    def _patience(self) -> Patience:
        end = self._now + timedelta(seconds=LIFETIME)

        def time_left() -> float:
            return (end - self._now).total_seconds()

        return Patience(time_left, _wait, self._dice.uniform)

    def _consume(self, messages: list[Message]) -> None:
        clicks = [message for message in messages if isinstance(message, Click)]
        erasures = [message for message in messages if isinstance(message, Erasure)]
        report = claim_clicks(clicks, self._ledger, self._shards, self._patience())
        self._queue += [
            (self._now, click) for n, click in enumerate(clicks) if report.outcomes[n] not in SETTLED
        ]
        messages[:] = erasures
        try:
            journal_erasures(erasures, self._ledger, self._shards, self._patience())
        except BusyError:
            self._queue += [(self._now, erasure) for erasure in erasures]

    def _fold(self, shard: int) -> None:
        try:
            self._folder.fold(shard, self._patience(), FoldReport())
        except LedgerMismatchError:
            self._mismatches += 1
        except (LeaseLostError, BusyError):
            pass

    def _compare(self, truth: Counted, result: Result) -> None:
        found = dict(read_counted(self._dynamodb, self._tables).rows())
        least, most = self._expected(truth)
        for row in {**most, **found}:
            for name in sorted({*most.get(row, {}), *found.get(row, {})}):
                number = found.get(row, {}).get(name, 0)
                lost = max(0, least.get(row, {}).get(name, 0) - number)
                doubled = max(0, number - most.get(row, {}).get(name, 0))
                result.lost += lost
                result.doubled += doubled
                if lost or doubled:
                    result.problems.append(f"{row} {name}: {doubled - lost:+}")
        if self._mismatches:
            result.problems.append("folding stopped")
        if sum_of(self._epochs()) != truth.days:
            result.problems.append("the epochs do not add up to the truth")

    def _expected(self, truth: Counted) -> tuple[Rows, Rows]:
        """Return the least and the most that counters may say.

        They are the same but for one: the clicks of an erased link may have come before it was erased, and
        stay in its owner's total, or after.
        """
        most = {
            (kind, key): numbers
            for (kind, key), numbers in truth.rows()
            if kind == "user" or self._erased not in {key, key[0]}
        }
        if not self._erased:
            return most, most
        owner, erased = OWNERS[self._erased], truth.links.get(self._erased, {}).get("clicks", 0)
        total = truth.users.get(owner, {}).get("totalClicks", 0)
        return {**most, ("user", owner): {"totalClicks": total - erased}}, most

    def _epochs(self) -> Iterable[Entry]:
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self._names["CLICK_LEDGER_TABLE"])
        for page in pages:
            for item in page["Items"]:
                if item["pk"]["S"].startswith("epochs#"):
                    yield Entry.from_bytes(bytes(item["entry"]["B"]))


def _draw() -> str:
    return random_text(8)


def _wait(_: float) -> None:
    _stop()


def _stop() -> None:
    """Hand over to the schedule; it never stops itself."""
    schedule = getcurrent().parent
    if schedule is not None:
        schedule.switch()
