import random
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.counting.counters import DynamoDbCounters
from analytics.counting.ledger import DynamoDbLedger
from bench.memory import Account, MemoryCounters, MemoryLedger
from bench.pollers import batches
from bench.simulation import Pipeline, SimulatedClock, in_turn
from bench.tables import Tables
from bench.traffic import make_links, zipf_clicks
from bench.truth import Truth

BEGINS = datetime(2026, 11, 22, 23, 59, 40, tzinfo=UTC)  # so that there are two days
WINDOW = DELAY = timedelta(seconds=10)


def test_memory_and_tables_count_the_same_and_cost_the_same(dynamodb: Any) -> None:
    dice = random.Random(5)
    links = make_links(40, 6, dice)
    clicks = list(zipf_clicks(links, 15, 40, BEGINS, dice))
    arriving = list(batches(clicks, 3, WINDOW, 60, dice))

    tables, clock = Tables.named("test"), SimulatedClock(BEGINS)
    meter = tables.metered(dynamodb, links)
    ledger = DynamoDbLedger(dynamodb, tables.ledger, timedelta(days=120), clock)
    counters = DynamoDbCounters(dynamodb, tables.counters, timedelta(days=120))
    course = Pipeline(ledger, counters, clock, DELAY, in_turn).run(arriving)

    clock = SimulatedClock(BEGINS)
    account = Account(clock)
    in_memory = MemoryCounters(links, account)
    Pipeline(MemoryLedger(clock, account), in_memory, clock, DELAY, in_turn).run(arriving)

    truth = Truth()
    truth.count(clicks)
    assert list(truth.differences(tables.read_counters(dynamodb))) == []
    assert in_memory.counted() == tables.read_counters(dynamodb)
    assert account.purposes == meter.bill.writes
    assert (course.clicks, course.batches) == (len(clicks), len(arriving))
    assert course.folds >= 3
