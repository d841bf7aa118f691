"""Wires the use cases to AWS, once per sandbox, at the first invocation."""

import functools
from datetime import timedelta

from analytics.counting.ledger import DynamoDbClickLedger
from analytics.queue import ClickQueue
from analytics.repository import DynamoDbStatistics
from analytics.service import ClickConsumer, StatisticsService
from analytics.settings import ConsumerSettings, StatsSettings
from hopcount_shared.aws import client
from hopcount_shared.settings import load_settings
from hopcount_shared.times import utc_now


@functools.cache
def click_consumer() -> ClickConsumer:
    """Return what counts clicks."""
    settings = load_settings(ConsumerSettings)
    ledger = DynamoDbClickLedger(client("dynamodb"), settings)
    return ClickConsumer(ledger, timedelta(days=settings.click_horizon_days), utc_now)


@functools.cache
def click_queue() -> ClickQueue:
    """Return the queue that clicks come from."""
    return ClickQueue(client("sqs"), load_settings(ConsumerSettings).click_queue_url)


@functools.cache
def statistics_service() -> StatisticsService:
    """Return what reports statistics."""
    settings = load_settings(StatsSettings)
    return StatisticsService(DynamoDbStatistics(client("dynamodb"), settings), utc_now)
