"""Whatever is delivered, in whatever order and however often: each click counts once, in every counter.

From message bodies to rows of DynamoDB, through both use cases. How the engine takes crashes, lost answers
and conflicts is in `test_model.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.analytics.tests.support import (
    BOT,
    HORIZON,
    NOW,
    PERSON,
    DynamoWorld,
    body,
    dynamo_world,
    excess,
    make_click,
    patience,
    truth_of,
)

from analytics.counting.fold import Folder
from analytics.domain.clicks import Click, Provable
from analytics.events import read_message
from analytics.fold_service import FoldService
from analytics.service import ClickConsumer

CODES = ["docs", "blog", "shop"]
OWNERS = {"docs": "ann", "blog": "ann", "shop": "bob"}
SHARDS = 2


@dataclass(frozen=True)
class Delivery:
    """One batch, how many tries its consumer has time for, and whether somebody folds then."""

    sequences: list[int]
    tries: int
    folded: bool


def nth_click(sequence: int) -> Click:
    """Clicks of people and bots on three links of two owners, around midnight."""
    code = CODES[sequence % 3]
    return make_click(
        sequence,
        short_code=code,
        user_id=OWNERS[code],
        occurred_at=NOW - timedelta(days=2, hours=sequence % 30),
        visitor=BOT if sequence % 4 == 3 else PERSON,
    )


deliveries = st.lists(
    st.builds(
        Delivery,
        sequences=st.lists(st.integers(0, 11), max_size=8),
        tries=st.integers(0, 6),
        folded=st.booleans(),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def world() -> Iterator[DynamoWorld]:
    with dynamo_world() as world:
        yield world


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schedule=deliveries)
def test_counters_are_the_distinct_clicks(world: DynamoWorld, schedule: list[Delivery]) -> None:
    world.clear()
    for code in CODES:
        world.add_link(code)
    nonces = iter(f"n{n}" for n in range(1000))
    provable = Provable(HORIZON, datetime(1970, 1, 1, tzinfo=UTC))
    consumer = ClickConsumer(world.ledger, SHARDS, provable, lambda: NOW)
    folder = Folder(
        world.ledger,
        world.counters,
        timedelta(0),
        timedelta(seconds=25),
        lambda: NOW,
        lambda: next(nonces),
        lambda do, things: [do(thing) for thing in things] and None,
    )
    folds = FoldService(world.ledger, folder, SHARDS)

    def deliver(sequences: list[int], tries: int = 1000) -> None:
        bodies = {f"m{n}": body(nth_click(sequence)) for n, sequence in enumerate(sequences)}
        consumed = consumer.consume_clicks(bodies, patience(tries))
        assert consumed.refused == []

    everything = [sequence for delivery in schedule for sequence in delivery.sequences]
    # Messages say what browsers say, so what they count as is up to the reader.
    truth = truth_of(
        click for n in everything if isinstance(click := read_message(body(nth_click(n))), Click)
    )
    for delivery in schedule:
        deliver(delivery.sequences, delivery.tries)
        if delivery.folded:
            folds.fold_counts(patience())
        assert excess(world.counted(), truth) == []
    for batch in (everything, everything[::-1] * 2):
        deliver(batch)
        folds.fold_counts(patience())
        assert world.counted() == truth
