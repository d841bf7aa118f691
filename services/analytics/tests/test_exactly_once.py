"""Whatever is delivered, in whatever order, however often, and whatever breaks: each click counts once.

A small queue delivers at least once: it makes batches, duplicates messages, and delivers again what a
consumer did not acknowledge. Now and then somebody folds. Every call to the database may fail before or after
it happened, or be the last thing that its caller does. All goes through both use cases, from message bodies
to counters, over ports in memory and over DynamoDB; `test_model.py` lets actors run at once.
"""

import enum
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.analytics.tests.fakes import FakeCounters, FakeLedger
from services.analytics.tests.support import (
    BOT,
    HORIZON,
    NOW,
    PERSON,
    Counted,
    DynamoWorld,
    body,
    check_breakdowns,
    dynamo_world,
    erasure_body,
    excess,
    make_click,
    patience,
    truth_of,
)

from analytics.counting.claim import MAX_SHARDS
from analytics.counting.fold import Folder
from analytics.counting.ports import BusyError
from analytics.domain.clicks import Click, Provable
from analytics.events import read_message
from analytics.fold_service import FoldService
from analytics.service import ClickConsumer
from hopcount_shared.base62 import random_text

LEASE = timedelta(seconds=75)
OWNERS = {"docs": "ann", "blog": "ann", "shop": "bob"}
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Killed(BaseException):
    """The function's process is gone."""


class Fault(enum.Enum):
    """What happens to one call of the database."""

    NONE = "it works"
    REFUSED = "it does not happen: a conflict, or too much"
    LOST_ANSWER = "it happens, and nobody hears of it"
    KILLED_BEFORE = "the caller dies before it happens"
    KILLED_AFTER = "the caller dies after it happened, before it knows"


@dataclass
class Faulty:
    """A port whose calls suffer the faults that it is dealt, then none."""

    port: Any
    faults: Iterator[Fault]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.port, name)

        def call(*arguments: Any) -> Any:
            fault = next(self.faults, Fault.NONE)
            if fault is Fault.REFUSED:
                raise BusyError("injected")
            if fault is Fault.KILLED_BEFORE:
                raise Killed
            answer = method(*arguments)
            if fault is Fault.LOST_ANSWER:
                raise BusyError("injected")
            if fault is Fault.KILLED_AFTER:
                raise Killed
            return answer

        return call


class World(Protocol):
    """Somewhere clicks are counted."""

    now: datetime
    ledger: Any
    counters: Any

    def add_link(self, short_code: str) -> None: ...
    def counted(self) -> Counted: ...


class FakeWorld:
    def __init__(self) -> None:
        self.now = NOW
        self.ledger = FakeLedger(lambda: self.now)
        self.counters = FakeCounters()
        self.add_link = self.counters.add_link
        self.counted = self.counters.counted


def nth_click(sequence: int) -> Click:
    """Clicks on three links of two owners, around midnight, some by programs, as messages are read."""
    code = sorted(OWNERS)[sequence % 3]
    moment = NOW - timedelta(days=2, hours=sequence % 30)
    visitor = BOT if sequence % 5 == 4 else PERSON
    sent = make_click(sequence, short_code=code, user_id=OWNERS[code], occurred_at=moment, visitor=visitor)
    click = read_message(body(sent))
    assert isinstance(click, Click)
    return click


@dataclass(frozen=True)
class Delivery:
    """One batch: how many tries there is time for, whether it is acknowledged, and folded."""

    sequences: list[int]
    tries: int
    acknowledged: bool
    folded: bool


deliveries = st.lists(
    st.builds(
        Delivery,
        sequences=st.lists(st.integers(0, 11), max_size=8),
        tries=st.integers(0, 30),
        acknowledged=st.booleans(),
        folded=st.booleans(),
    ),
    max_size=8,
)
faults = st.lists(st.just(Fault.NONE) | st.sampled_from(Fault), max_size=60)
shards = st.integers(1, MAX_SHARDS)


class Product:
    """Both functions, and the queue before them."""

    def __init__(self, world: World, dealt: Iterator[Fault], shards: int) -> None:
        self.world = world
        ledger: Any = Faulty(world.ledger, dealt)
        counters: Any = Faulty(world.counters, dealt)
        self.consumer = ClickConsumer(ledger, shards, Provable(HORIZON, LONG_AGO), self.clock)
        self.folder = Folder(
            ledger, counters, timedelta(0), LEASE, self.clock, lambda: random_text(8), one_by_one
        )
        self.fold_service = FoldService(ledger, self.folder, shards)
        self.delivered: set[int] = set()
        self.settled: set[int] = set()
        for code in OWNERS:
            world.add_link(code)

    def clock(self) -> datetime:
        return self.world.now

    def deliver(self, batch: list[int], tries: int = 1000, *, acknowledged: bool = True) -> None:
        self.delivered.update(batch)
        bodies = {f"m{n}": body(nth_click(sequence)) for n, sequence in enumerate(batch)}
        with suppress(Killed):
            consumed = self.consumer.consume_clicks(bodies, patience(tries))
            done = {*consumed.journalled, *consumed.duplicates}
            assert done | {*consumed.postponed} == set(bodies)
            if acknowledged:
                self.settled |= {sequence for n, sequence in enumerate(batch) if f"m{n}" in done}

    def fold(self) -> None:
        """Fold when nobody holds a lease any more."""
        self.world.now += LEASE + timedelta(seconds=1)
        with suppress(Killed):
            assert not self.fold_service.fold_counts(patience()).mismatches

    def truth(self) -> Counted:
        return truth_of(nth_click(sequence) for sequence in self.delivered)

    def check_never_too_much(self) -> None:
        counted = self.world.counted()
        assert not excess(counted, self.truth())
        for numbers in counted.days.values():
            check_breakdowns(numbers)

    def run(self, schedule: list[Delivery]) -> None:
        """Deliver the schedule, then whatever is unacknowledged, then all of it again."""
        for delivery in schedule:
            self.deliver(delivery.sequences, delivery.tries, acknowledged=delivery.acknowledged)
            if delivery.folded:
                self.fold()
            self.check_never_too_much()
        while waiting := sorted(self.delivered - self.settled):
            self.deliver(waiting)
            self.check_never_too_much()
        while self.world.counted() != self.truth():
            before = self.world.now
            self.fold()
            self.check_never_too_much()
            assert self.world.now - NOW < timedelta(days=1), f"nothing moves since {before}"
        self.deliver(sorted(self.delivered) * 2)
        self.fold()
        assert self.world.counted() == self.truth()


def one_by_one(do: Callable[[Any], object], things: Any) -> None:
    for thing in things:
        do(thing)


@settings(max_examples=200, deadline=None)
@given(deliveries, faults, shards)
def test_counters_are_the_distinct_clicks(schedule: list[Delivery], dealt: list[Fault], shards: int) -> None:
    Product(FakeWorld(), iter(dealt), shards).run(schedule)


@pytest.fixture(scope="module")
def dynamo() -> Iterator[DynamoWorld]:
    with dynamo_world() as world:
        yield world


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schedule=deliveries, dealt=faults, shards=shards)
def test_counters_are_the_distinct_clicks_in_dynamodb(
    dynamo: DynamoWorld, schedule: list[Delivery], dealt: list[Fault], shards: int
) -> None:
    dynamo.clear()
    Product(dynamo, iter(dealt), shards).run(schedule)


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("calls", range(25))
def test_one_fault_at_any_call(fault: Fault, calls: int) -> None:
    dealt = iter([Fault.NONE] * calls + [fault])
    Product(FakeWorld(), dealt, 2).run([Delivery([0, 1, 2, 2, 4, 5], 1000, acknowledged=True, folded=True)])


class Forgetful(FakeLedger):
    """Journals without claiming: what a bare ADD comes to."""

    def claim(self, _: Any, entries: Any) -> None:
        super().claim({}, entries)


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param([Delivery([1], 1000, True, False), Delivery([1], 1000, True, True)], id="message twice"),
        pytest.param([Delivery([1], 1000, acknowledged=False, folded=True)], id="acknowledgement lost"),
    ],
)
def test_the_check_notices_a_ledger_without_claims(schedule: list[Delivery]) -> None:
    world = FakeWorld()
    world.ledger = Forgetful(lambda: world.now)
    with pytest.raises(AssertionError):
        Product(world, iter(()), 1).run(schedule)


def test_what_is_erased_stays_erased_when_everything_is_delivered_again() -> None:
    product = Product(FakeWorld(), iter(()), 1)
    sequences = [0, 1, 2, 3, 5]
    for _ in range(3):
        product.deliver(sequences)
        erasures = {"e1": erasure_body("link", "docs"), "e2": erasure_body("user", "bob")}
        assert sorted(product.consumer.consume_clicks(erasures, patience()).journalled) == ["e1", "e2"]
        product.fold()
        counted = product.world.counted()
        assert "docs" not in counted.links
        assert "docs" not in {code for code, _ in counted.days}
        assert "bob" not in counted.users
        assert counted.links["shop"] == product.truth().links["shop"]


def test_half_a_character_in_a_message_stops_no_batch() -> None:
    """JSON may carry a lone surrogate, which no database and no entry can take."""
    product = Product(FakeWorld(), iter(()), 1)
    good, bad = body(nth_click(1)), body(nth_click(2)).replace("example.org", "\\udfff")
    assert bad != body(nth_click(2))
    consumed = product.consumer.consume_clicks({"good": good, "bad": bad}, patience())
    assert "good" in consumed.journalled
    product.fold()
    assert nth_click(1).short_code in product.world.counted().links
