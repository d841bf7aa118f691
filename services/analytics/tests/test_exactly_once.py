"""Whatever is delivered, in whatever order, however often, and whatever breaks: each click counts once.

A small queue delivers at least once: it makes batches, duplicates messages, and delivers again what a
consumer did not acknowledge. Every call to the database may fail before or after it happened, answer too
late, or be the last thing that its consumer does.
"""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.analytics.tests.support import (
    CONSUMER_SETTINGS,
    HORIZON,
    NOW,
    Counts,
    DynamoWorld,
    FakeLedger,
    FakeWorld,
    World,
    body,
    counts_of,
    dynamo_world,
    make_click,
)

from analytics.counting.count_clicks import SETTLED, ClickLedger, Outcome, Patience
from analytics.counting.ledger import DynamoDbClickLedger
from analytics.domain.clicks import Click
from analytics.service import ClickConsumer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class Killed(BaseException):
    """The consumer's process is gone."""


class Fault(enum.Enum):
    """What happens to one call of the database."""

    NONE = "it works"
    CONFLICT = "refused: somebody else writes the same rows"
    THROTTLED = "refused: too much"
    LOST_ANSWER = "it happens, and the answer is lost"
    BROKEN = "an error that waiting does not mend"
    KILLED_BEFORE = "the consumer dies before it happens"
    KILLED_AFTER = "the consumer dies after it happened, before it knows"


def client_error(code: str, *reasons: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": "injected"},
            "CancellationReasons": [{"Code": reason} for reason in reasons],
        },
        "TransactWriteItems",
    )


class FaultyDynamoDb:
    """A client whose transactions suffer the faults that it is dealt, then none."""

    def __init__(self, dynamodb: "DynamoDBClient", faults: Iterator[Fault]) -> None:
        self._dynamodb = dynamodb
        self._faults = faults

    def transact_write_items(self, **request: Any) -> None:
        fault = next(self._faults, Fault.NONE)
        if fault is Fault.CONFLICT:
            raise client_error("TransactionCanceledException", "None", "TransactionConflict", "None", "None")
        if fault is Fault.THROTTLED:
            raise client_error("ThrottlingException")
        if fault is Fault.BROKEN:
            raise client_error("AccessDeniedException")
        if fault is Fault.KILLED_BEFORE:
            raise Killed
        self._dynamodb.transact_write_items(**request)
        if fault is Fault.LOST_ANSWER:
            raise ReadTimeoutError(endpoint_url="https://dynamodb")
        if fault is Fault.KILLED_AFTER:
            raise Killed


@dataclass
class FaultyLedger:
    """The same faults in front of any ledger."""

    ledger: ClickLedger
    faults: Iterator[Fault]

    def count(self, click: Click) -> Outcome:
        fault = next(self.faults, Fault.NONE)
        if fault in {Fault.CONFLICT, Fault.THROTTLED}:
            return Outcome.BUSY
        if fault is Fault.BROKEN:
            raise RuntimeError("injected")
        if fault is Fault.KILLED_BEFORE:
            raise Killed
        outcome = self.ledger.count(click)
        if fault is Fault.LOST_ANSWER:
            return Outcome.BUSY
        if fault is Fault.KILLED_AFTER:
            raise Killed
        return outcome


@dataclass(frozen=True)
class Delivery:
    """One batch, how many tries its consumer has time for, and whether the acknowledgement gets lost."""

    sequences: list[int]
    tries: int
    acknowledged: bool


CODES = ["docs", "blog", "shop"]
OWNERS = {"docs": "ann", "blog": "ann", "shop": "bob"}


def nth_click(sequence: int) -> Click:
    """Clicks on three links of two owners, around midnight."""
    code = CODES[sequence % 3]
    moment = NOW - timedelta(days=2, hours=sequence % 30)
    return make_click(sequence, short_code=code, user_id=OWNERS[code], occurred_at=moment)


sequences = st.lists(st.integers(0, 11), max_size=8)
deliveries = st.lists(
    st.builds(Delivery, sequences=sequences, tries=st.integers(0, 30), acknowledged=st.booleans()), max_size=8
)
faults = st.lists(st.sampled_from(Fault), max_size=40)

LedgerOf = Callable[[World, Iterator[Fault]], ClickLedger]


def deliver(consumer: ClickConsumer, batch: list[int], tries: int) -> set[int]:
    """Deliver a batch, and return which sequences the consumer acknowledged."""
    left = iter(range(tries, 0, -1))
    patience = Patience(time_left=lambda: next(left, 0), wait=lambda _: None)
    bodies = {f"m{n}": body(nth_click(sequence)) for n, sequence in enumerate(batch)}
    try:
        outcomes = consumer.consume_clicks(bodies, patience)
    except Killed:
        return set()
    assert set(outcomes) == set(bodies)
    return {sequence for n, sequence in enumerate(batch) if outcomes[f"m{n}"] in SETTLED}


def check_never_too_much(world: World, delivered: set[int]) -> None:
    truth = counts_of({nth_click(sequence) for sequence in delivered})
    counts = world.counts()
    for counted, true in ((getattr(counts, f), getattr(truth, f)) for f in Counts.__dataclass_fields__):
        assert all(number <= true.get(key, 0) for key, number in counted.items())
    # All counters tell of the same clicks, at any moment.
    total = sum(counts.links.values())
    assert total == sum(counts.users.values()) == sum(counts.days.values()) == sum(counts.hours.values())


def run_schedule(world: World, ledger: ClickLedger, schedule: list[Delivery]) -> None:
    """Deliver the schedule, then whatever is unacknowledged, then all of it again."""
    for code in CODES:
        world.add_link(code)
    consumer = ClickConsumer(ledger, HORIZON, lambda: NOW)
    delivered: set[int] = set()
    settled: set[int] = set()
    for delivery in schedule:
        delivered.update(delivery.sequences)
        acknowledged = deliver(consumer, delivery.sequences, delivery.tries)
        if delivery.acknowledged:
            settled |= acknowledged
        check_never_too_much(world, delivered)
    while waiting := sorted(delivered - settled):
        settled |= deliver(consumer, waiting, 1000)
        check_never_too_much(world, delivered)
    truth = counts_of({nth_click(sequence) for sequence in delivered})
    assert world.counts() == truth
    deliver(consumer, sorted(delivered) * 2, 1000)
    assert world.counts() == truth


@settings(max_examples=400, deadline=None)
@given(deliveries, faults)
def test_counters_are_the_distinct_clicks(schedule: list[Delivery], dealt: list[Fault]) -> None:
    world = FakeWorld()
    run_schedule(world, FaultyLedger(world.ledger, iter(dealt)), schedule)


@pytest.fixture(scope="module")
def real_world() -> Iterator[DynamoWorld]:
    with dynamo_world() as world:
        yield world


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schedule=deliveries, dealt=faults)
def test_counters_are_the_distinct_clicks_in_dynamodb(
    real_world: DynamoWorld, schedule: list[Delivery], dealt: list[Fault]
) -> None:
    real_world.clear()
    faulty: Any = FaultyDynamoDb(real_world.dynamodb, iter(dealt))
    run_schedule(real_world, DynamoDbClickLedger(faulty, CONSUMER_SETTINGS), schedule)


class Forgetful(FakeLedger):
    """Counts without a claim: what a bare ADD does."""

    def count(self, click: Click) -> Outcome:
        self.counted.append(click)
        return Outcome.COUNTED


@pytest.mark.parametrize(
    "delivery",
    [
        pytest.param(Delivery([1, 1], 1000, acknowledged=True), id="message twice"),
        pytest.param(Delivery([1], 1000, acknowledged=False), id="acknowledgement lost"),
    ],
)
def test_the_check_notices_a_ledger_without_claims(delivery: Delivery) -> None:
    world = FakeWorld(Forgetful())
    with pytest.raises(AssertionError):
        run_schedule(world, world.ledger, [delivery])
