"""The engine under every interleaving that a machine can think of.

Consumers and folders run as greenlets that stop before and after every call to their ports. The machine
decides who goes on, and what becomes of each call: it happens, or not; its answer arrives, or not; it happens
twice; or its caller dies. It lets the clock run, so that leases expire while their holders stand still (and
go on later), changes the number of shards, puts an older copy of the ledger in place of the ledger, and has
links and users erased. After every step no counter may be above the truth; once all is delivered and folded,
every counter is the truth, and nothing that is delivered again changes any.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, ClassVar, TypeVar

import pytest
from greenlet import greenlet
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from services.analytics.tests.fakes import FakeCounters, FakeLedger, Gate, stop
from services.analytics.tests.support import (
    BOT,
    NOW,
    PERSON,
    Counted,
    Numbers,
    check_breakdowns,
    excess,
    make_click,
    patience,
    sum_of,
    truth_of,
)

from analytics.counting.claim import MAX_SHARDS, SETTLED, claim_clicks, journal_erasures
from analytics.counting.fold import Folder, FoldReport
from analytics.counting.journal import Block, Entry, EntryKey, Epoch, EpochId, Head
from analytics.counting.patience import Patience
from analytics.counting.ports import (
    BusyError,
    DayKey,
    DayRow,
    LeaseLostError,
    LedgerMismatchError,
)
from analytics.domain.breakdowns import RowChange
from analytics.domain.clicks import Click
from analytics.domain.erasures import Erasure
from analytics.domain.tallies import NOTHING, Totals
from analytics.fold_service import FoldService

T = TypeVar("T")

OWNERS = {"docs": "ann", "blog": "ann", "shop": "bob", "gone": "ann"}
LINKS = frozenset(OWNERS) - {"gone"}
"""Those that exist."""

LEASE = timedelta(seconds=75)
DELAY = SECOND = timedelta(seconds=1)
FOR_EVER = NOW + timedelta(days=999)
LIFETIMES = [20, 2000]
"""Seconds that an actor has: less than a lease, as it should be, or for ever."""


def nth_click(n: int) -> Click:
    """Clicks on every link, of people and bots, around midnight, by two producers, at the edge of a block."""
    code = sorted(OWNERS)[n % len(OWNERS)]
    return make_click(
        sequence=60 + n // 2,
        producer="pq"[n % 2] * 22,
        short_code=code,
        user_id=OWNERS[code],
        occurred_at=NOW - timedelta(hours=12, minutes=31 - n % 3),
        visitor=BOT if n % 5 == 4 else PERSON._replace(country=("CH", "DE", "unknown")[n % 3]),
    )


CLICKS = [nth_click(n) for n in range(32)]
ERASURES = [Erasure("link", "docs"), Erasure("user", "bob")]


STOPS = st.sampled_from([*range(1, 41), *range(4, 13), *[300] * 20])
"""Over how many stops somebody goes on, two to a call: somewhere in an epoch, or to the end."""

THEN = st.sampled_from(["wait", "wait", "busy", "twice", "die"])
"""What happens next: nothing for now; the call is refused or its answer lost (it depends on where its caller
stands); it happens twice, which is what a client does about a lost answer; its caller dies."""


class Engine(RuleBasedStateMachine):
    """The world around the engine, which the rules let go on."""

    ledger_type: ClassVar[type[FakeLedger]] = FakeLedger
    counters_type: ClassVar[type[FakeCounters]] = FakeCounters
    folder_type: ClassVar[type[Folder]] = Folder

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.names = 0
        self.counters = self.counters_type()
        for code in LINKS:
            self.counters.add_link(code)
        self.ledger = self.ledger_type(self.clock, self.draw)
        self.copies = [self.ledger.copy()]
        self.shards = 1
        self.resharded = False
        self.restored = False
        self.unsettled = 0
        self.actors: list[greenlet] = []
        self.delivered: set[int] = set()
        self.waiting: set[int] = set()
        self.erased: set[Erasure] = set()
        self.truth = Counted()
        self.checked = -1

    def clock(self) -> datetime:
        return self.now

    def draw(self) -> str:
        self.names += 1
        return f"{self.names:06}"

    # What happens in the world

    @rule(
        batch=st.lists(st.integers(0, len(CLICKS) - 1), min_size=1, max_size=8),
        seconds=st.sampled_from(LIFETIMES),
        stops=STOPS,
        then=THEN,
    )
    def deliver(self, batch: list[int], seconds: int, stops: int, then: str) -> None:
        """Deliver messages, known ones or not, acknowledged or not, in any order, maybe more than once."""
        self.unsettled += 1
        self.waiting |= set(batch) - self.delivered
        self.delivered |= set(batch)
        self.copies.append(self.ledger.copy())
        self.truth = truth_of(CLICKS[n] for n in self.delivered)
        consumer = self.start(partial(self.consume, batch, self.ledger, self.patience(seconds)))
        self.let(consumer, stops, then)

    @rule(
        which=st.integers(0, 9),
        seconds=st.sampled_from(LIFETIMES),
        order=st.integers(0, 9),
        later=st.sampled_from([1, 30, 100]),
        stops=STOPS,
        then=THEN,
    )
    def fold(self, which: int, seconds: int, order: int, later: int, stops: int, then: str) -> None:
        """Start a folder on any shard that there is, or was."""
        self.now += timedelta(seconds=later)
        self.copies.append(self.ledger.copy())
        shards = sorted({*self.ledger.by_shard, *range(self.shards)})
        shard = shards[which % len(shards)]
        folder = self.start(partial(self.fold_gated, shard, self.ledger, self.patience(seconds), order))
        self.let(folder, stops, then)

    @precondition(lambda self: self.actors)
    @rule(who=st.integers(0, 9), stops=STOPS, then=THEN)
    def go_on(self, who: int, stops: int, then: str) -> None:
        """Let somebody go on who was left standing."""
        self.let(self.actors[who % len(self.actors)], stops, then)

    @precondition(lambda self: self.unsettled > 3)
    @rule(erasure=st.sampled_from(ERASURES))
    def erase(self, erasure: Erasure) -> None:
        """Have something forgotten."""
        self.erased.add(erasure)
        self.start(partial(self.consume_erasures, self.ledger, self.patience(20)))

    @rule(shards=st.integers(1, 3))
    def change_shards(self, shards: int) -> None:
        self.resharded |= shards != self.shards
        self.shards = shards

    @precondition(lambda self: self.counters.changes and not self.restored)
    @rule(which=st.integers(0, 99))
    def restore(self, which: int) -> None:
        """Put an older ledger in place of the ledger; everything will be delivered again.

        Whoever runs goes on with the ledger that they know; if links have moved between shards, nobody does.
        """
        self.restored = True
        if self.resharded:
            self.kill_all()
        self.ledger = self.copies[which % len(self.copies)].copy()
        self.waiting |= self.delivered

    @precondition(lambda self: self.unsettled > 5)
    @rule()
    def settle(self) -> None:
        """Deliver what was not acknowledged, fold all of it, and compare; then deliver everything again."""
        self.unsettled = 0
        before = self.counters.counted()
        for messages in (self.waiting, self.delivered):
            self.now += timedelta(hours=1)
            self.consume(sorted(messages) * 2, self.ledger, self.patience(20))
            self.consume_erasures(self.ledger, self.patience(20))
            self.now += DELAY
            if self.is_of_the_same_time(self.ledger):
                self.fold_all()
                self.check_exact()
            else:
                assert self.restored
                self.check_stopped(before)

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.kill_all()

    # Actors

    def start(self, act: Callable[[], None]) -> greenlet:
        def run() -> None:
            with suppress(BusyError):
                stop()
                act()

        self.actors.append(actor := greenlet(run))
        actor.switch()
        return actor

    def let(self, actor: greenlet, stops: int, then: str) -> None:
        """Let an actor go on over some stops, then let something happen to it."""
        while stops and not actor.dead:
            self.step(actor, actor.switch)
            stops -= 1
        if then == "busy":
            self.step(actor, lambda: actor.throw(BusyError("injected")))
        elif then == "twice":
            self.step(actor, lambda: actor.switch("twice"))
        elif then == "die":
            self.step(actor, actor.throw)

    def step(self, actor: greenlet, resume: Callable[[], object]) -> None:
        if not actor.dead:
            resume()
            self.check()
            if actor.dead:
                self.actors.remove(actor)

    def kill_all(self) -> None:
        for actor in self.actors:
            actor.throw()
        self.actors = []

    def patience(self, seconds: float) -> Patience:
        end = self.now + timedelta(seconds=seconds)
        return Patience(time_left=lambda: (end - self.now) / SECOND, wait=lambda _: None)

    def consume(self, batch: Sequence[int], ledger: FakeLedger, patience: Patience) -> None:
        report = claim_clicks([CLICKS[n] for n in batch], Gate(ledger), self.shards, patience)
        if ledger is self.ledger:
            self.waiting -= {n for i, n in enumerate(batch) if report.outcomes[i] in SETTLED}

    def consume_erasures(self, ledger: FakeLedger, patience: Patience) -> None:
        journal_erasures(self.erased, Gate(ledger), self.shards, patience)

    def fold_gated(self, shard: int, ledger: FakeLedger, patience: Patience, order: int) -> None:
        try:
            self.folder(ledger, order).fold(shard, patience, FoldReport())
        except LeaseLostError:
            pass
        except LedgerMismatchError:
            assert not self.is_of_the_same_time(ledger), "a false alarm"

    def folder(self, ledger: FakeLedger, order: int) -> Folder:
        def each(do: Callable[[T], object], things: Iterable[T]) -> None:
            shuffled = [*things]
            Random(order).shuffle(shuffled)  # noqa: S311
            for thing in shuffled:
                do(thing)

        return self.folder_type(Gate(ledger), Gate(self.counters), DELAY, LEASE, self.clock, self.draw, each)

    def fold_all(self) -> None:
        service = FoldService(self.ledger, self.folder(self.ledger, 0), self.shards)
        assert not service.fold_counts(patience(100)).mismatches

    # What must hold

    def is_of_the_same_time(self, ledger: FakeLedger) -> bool:
        """Tell whether a ledger knows of every epoch that was begun on the counters."""
        known = {epoch.id for epoch in ledger.epochs.values()}
        return known >= set(self.counters.witnesses())

    def check(self) -> None:
        if self.checked == self.counters.changes:
            return
        self.checked = self.counters.changes
        counted = self.counters.counted()
        assert not excess(counted, self.truth)
        for numbers in counted.days.values():
            check_breakdowns(numbers)

    def check_exact(self) -> None:
        self.check()
        assert not any(self.ledger.journal.values())
        assert sum(map(len, self.ledger.claims.values())) == len(self.delivered)
        counted, erased = self.counters.counted(), {erasure.id for erasure in self.erased}
        live = LINKS - erased
        assert counted.links == {code: row for code, row in self.truth.links.items() if code in live}
        proved = sum_of(Entry.from_bytes(epoch.stored) for epoch in self.ledger.epochs.values())
        machines = sum(CLICKS[n].visitor is BOT for n in self.delivered)
        assert self.counters.in_all == Totals(len(self.delivered) - machines, machines)
        for days in (self.truth.days, proved):
            assert self.days_of(live, counted.days) == self.days_of(live, days)
        # Where links move between shards, one shard may add to a link's new day while another erases the
        # link.
        assert {code for code, _ in counted.days} <= (LINKS if self.resharded else live)
        for user in set(OWNERS.values()):
            theirs = {code for code, owner in OWNERS.items() if owner == user} & LINKS
            found = counted.users.get(user, {}).get("totalClicks", 0)
            least, most = (
                sum(self.truth.links.get(code, {}).get("clicks", 0) for code in codes)
                for codes in (theirs - erased, theirs)
            )
            assert found == 0 if user in erased else least <= found <= most

    def days_of(self, codes: frozenset[str], days: Mapping[DayKey, Numbers]) -> Mapping[DayKey, Numbers]:
        return {key: numbers for key, numbers in days.items() if key[0] in codes}

    def check_stopped(self, before: Counted) -> None:
        """Nothing is counted from a ledger that does not know what was counted."""
        for shard in range(MAX_SHARDS):
            with pytest.raises(LedgerMismatchError):
                self.folder(self.ledger, 0).fold(shard, self.patience(20), FoldReport())
        assert self.counters.counted() == before


class WithoutLeases(FakeLedger):
    def check_head(self, head: Head, now: datetime, *, folded: bool) -> None:
        super().check_head(head, FOR_EVER, folded=folded)


class Leaseless(Engine):
    """Leases save work. Nothing may depend on them."""

    ledger_type = WithoutLeases


Engine.TestCase.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)
Leaseless.TestCase.settings = settings(Engine.TestCase.settings, max_examples=50)
TestEngine = Engine.TestCase
TestLeaseless = Leaseless.TestCase


# Engines that are broken on purpose


class WithoutMarks(FakeCounters):
    def add_to_link(self, epoch: EpochId, short_code: str, delta: Totals) -> bool:
        if short_code in self.links:
            self.links[short_code].marks.clear()
        return super().add_to_link(epoch, short_code, delta)


class WithoutVersions(FakeCounters):
    def change_day(self, epoch: EpochId, key: DayKey, row: DayRow, change: RowChange) -> bool:
        self.force_day(epoch, key, change)
        return True


class WithoutLinkCheck(FakeCounters):
    def add_to_link(self, epoch: EpochId, short_code: str, delta: Totals) -> bool:
        super().add_to_link(epoch, short_code, delta)
        return True


class WithoutWitness(FakeCounters):
    def witness(self, epoch: EpochId, previous: EpochId, counted: Totals = NOTHING) -> bool:
        super().witness(epoch, previous, counted)
        return True

    def witnesses(self) -> Sequence[EpochId]:
        return []


class WithoutOthersWitnesses(FakeCounters):
    def witnesses(self) -> Sequence[EpochId]:
        return []


class WithoutClaims(FakeLedger):
    def claim(self, blocks: Mapping[Block, frozenset[int]], entries: Mapping[int, bytes]) -> None:
        self.claims.clear()
        super().claim(blocks, entries)


class WithoutHeads(FakeLedger):
    def check_head(self, head: Head, now: datetime, *, folded: bool) -> None:
        pass


class WithoutDrop(FakeLedger):
    def drop(self, keys: Sequence[EntryKey]) -> None:
        pass


class ClosingFirst(Folder):
    def _finish(self, head: Head, epoch: Epoch, report: FoldReport, patience: Patience) -> Head:
        self._ledger.drop(epoch.took)
        self._ledger.close_epoch(epoch.id, head.shard)
        return super()._finish(head, epoch, report, patience)


FEWER_EVENTS: dict[str, Any] = {"erase": None, "change_shards": None, "restore": None}
"""For what can be noticed without them, and is noticed the sooner."""


@pytest.mark.parametrize(
    "broken",
    [
        {"counters_type": WithoutMarks, **FEWER_EVENTS},
        {"counters_type": WithoutVersions, **FEWER_EVENTS},
        {"counters_type": WithoutLinkCheck, **FEWER_EVENTS},
        {"counters_type": WithoutWitness},
        {"counters_type": WithoutOthersWitnesses},
        {"ledger_type": WithoutClaims, **FEWER_EVENTS},
        {"ledger_type": WithoutHeads, **FEWER_EVENTS},
        {"ledger_type": WithoutDrop, **FEWER_EVENTS},
        {"folder_type": ClosingFirst, **FEWER_EVENTS},
    ],
    ids=lambda broken: next(iter(broken.values())).__name__,
)
def test_the_machine_notices_a_broken_engine(broken: dict[str, Any]) -> None:
    machine = type("Broken", (Engine,), broken)
    thorough = settings(
        max_examples=5000,
        stateful_step_count=60,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=thorough)
