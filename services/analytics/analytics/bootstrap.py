"""Wires the use cases to AWS, once per sandbox, at the first invocation."""

import functools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

from analytics.counting.counters import CounterTables, DynamoDbCounters
from analytics.counting.fold import Folder
from analytics.counting.ledger import DynamoDbLedger
from analytics.domain.clicks import Provable
from analytics.domain.tallies import Totals
from analytics.figures import read_figures
from analytics.fold_service import FoldService
from analytics.queue import ClickQueue
from analytics.repository import DynamoDbStatistics
from analytics.service import ClickConsumer
from analytics.settings import ConsumerSettings, FiguresSettings, FoldSettings, StatsSettings
from analytics.statistics_service import StatisticsService
from hopcount_shared.aws import client
from hopcount_shared.base62 import random_text
from hopcount_shared.settings import load_settings
from hopcount_shared.times import utc_now

WRITERS = 20
"""Counter rows that are written at once. The connections of a client suffice for them."""

T = TypeVar("T")


@functools.cache
def click_consumer() -> ClickConsumer:
    """Return what journals clicks."""
    settings = load_settings(ConsumerSettings)
    ledger = DynamoDbLedger(client("dynamodb"), settings.click_ledger_table, settings.horizon, utc_now)
    provable = Provable(settings.horizon, settings.clicks_provable_since)
    return ClickConsumer(ledger, settings.counting_shards, provable, utc_now)


@functools.cache
def click_queue() -> ClickQueue:
    """Return the queue that clicks come from."""
    settings = load_settings(ConsumerSettings)
    return ClickQueue(client("sqs"), settings.click_queue_url, settings.fold_queue_url)


@functools.cache
def fold_service() -> FoldService:
    """Return what folds."""
    settings = load_settings(FoldSettings)
    dynamodb = client("dynamodb")
    ledger = DynamoDbLedger(dynamodb, settings.click_ledger_table, settings.horizon, utc_now)
    tables = CounterTables(settings.url_shortener_table, settings.daily_stats_table, settings.user_table)
    counters = DynamoDbCounters(dynamodb, tables, settings.horizon)
    delay = timedelta(seconds=settings.fold_delay_seconds)
    lease = timedelta(seconds=settings.fold_lease_seconds)
    folder = Folder(ledger, counters, delay, lease, utc_now, lambda: random_text(8), _at_once)
    return FoldService(ledger, folder, settings.counting_shards)


def _at_once(do: Callable[[T], object], things: Iterable[T]) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in pool.map(do, things):
            pass


@functools.cache
def statistics_service() -> StatisticsService:
    """Return what reports statistics."""
    settings = load_settings(StatsSettings)
    return StatisticsService(DynamoDbStatistics(client("dynamodb"), settings), utc_now)


@functools.cache
def public_figures() -> Callable[[], Totals] | None:
    """Return what reads the figures for everybody, or `None` where the operator shows none."""
    settings = load_settings(FiguresSettings)
    if not settings.public_figures:
        return None
    return functools.partial(read_figures, client("dynamodb"), settings.daily_stats_table)
