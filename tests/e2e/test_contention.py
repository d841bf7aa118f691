"""Eight consumers at once, fed live clicks and a replay of them: none is refused, none counts twice.

The local DynamoDB never answers `TransactionConflict`, so a client in front of it does, whenever two
transactions on the same item overlap.
"""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from analytics.counting.journal import Entry
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.patience import Patience
from analytics.domain.clicks import Provable
from analytics.domain.tallies import totals
from analytics.service import ClickConsumer
from hopcount_shared.times import utc_now
from tests.support.clicks import click, new_producer
from tests.support.poll import until
from tests.support.stack import Stack

CONSUMERS = 8
CLICKS = 600
MAX_RECEIVES = 10
HORIZON = timedelta(days=120)


@dataclass
class Conflicting:
    """A DynamoDB client that refuses a transaction on an item that another one is writing."""

    dynamodb: Any
    conflicts: int = 0
    _busy: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> Any:  # noqa: N803  boto3's name
        keys = {json.dumps(item["Update"]["Key"]) for item in TransactItems if "Update" in item}
        with self._lock:
            if self._busy & keys:
                self.conflicts += 1
                raise self._conflict(TransactItems, keys)
            self._busy |= keys
        try:
            return self.dynamodb.transact_write_items(TransactItems=TransactItems)
        finally:
            with self._lock:
                self._busy -= keys

    def _conflict(self, items: list[dict[str, Any]], keys: set[str]) -> ClientError:
        reasons = [
            {
                "Code": "TransactionConflict"
                if json.dumps(item.get("Update", {}).get("Key")) in keys
                else "None"
            }
            for item in items
        ]
        error = {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"}
        return ClientError({"Error": error, "CancellationReasons": reasons}, "TransactWriteItems")  # type: ignore[typeddict-unknown-key]


@dataclass(frozen=True)
class Place:
    """A queue with its dead-letter queue, and a ledger."""

    sqs: Any
    queue: str
    dead_letters: str
    ledger: str

    def waiting(self, queue: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(value) for value in found.values())


@pytest.fixture
def place(stack: Stack) -> Iterator[Place]:
    sqs, name = stack.client("sqs"), f"contention-{new_producer()}"
    dead = sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES})
    queue = sqs.create_queue(
        QueueName=name, Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "30"}
    )["QueueUrl"]
    stack.dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    yield Place(sqs, queue, dead, name)
    stack.dynamodb.delete_table(TableName=name)
    for url in (queue, dead):
        sqs.delete_queue(QueueUrl=url)


def test_no_duplicate_reaches_the_dead_letter_queue(stack: Stack, place: Place) -> None:
    producers = [new_producer() for _ in range(3)]
    bodies = [
        json.dumps(click({"id": "docs"}, "ann", producer=producers[n % 3], sequence=n // 3))
        for n in range(CLICKS)
    ]
    client = Conflicting(stack.dynamodb)
    over = threading.Event()
    with ThreadPoolExecutor(CONSUMERS + 2) as pool:
        workers = [pool.submit(consume_until, over, place, client) for _ in range(CONSUMERS)]
        feeders = [pool.submit(feed, place, bodies), pool.submit(feed, place, bodies[::-1] + bodies)]
        for feeder in feeders:
            feeder.result()
        until(lambda: place.waiting(place.queue), lambda number: number == 0, seconds=180)
        over.set()
        journalled = sum(worker.result() for worker in workers)
    assert journalled == CLICKS
    assert place.waiting(place.dead_letters) == 0
    assert client.conflicts > 0, "nobody ever contended: the test shows nothing"
    assert people_journalled(stack, place) == CLICKS


def feed(place: Place, bodies: list[str]) -> None:
    for start in range(0, len(bodies), 10):
        some = bodies[start : start + 10]
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(some)]
        assert not place.sqs.send_message_batch(QueueUrl=place.queue, Entries=entries).get("Failed")


def consume_until(over: threading.Event, place: Place, client: Conflicting) -> int:
    """Consume as Lambda does, and return how many clicks were journalled."""
    ledger: Any = DynamoDbLedger(client, place.ledger, HORIZON, utc_now)  # type: ignore[arg-type]  # a stand-in
    consumer = ClickConsumer(ledger, 1, Provable(HORIZON, datetime(1970, 1, 1, tzinfo=UTC)), utc_now)
    journalled = 0
    while not over.is_set():
        messages = place.sqs.receive_message(QueueUrl=place.queue, MaxNumberOfMessages=10).get("Messages", [])
        if not messages:
            over.wait(0.1)
            continue
        deadline = utc_now() + timedelta(seconds=5)
        patience = Patience(time_left=lambda end=deadline: (end - utc_now()).total_seconds())  # type: ignore[misc]
        consumed = consumer.consume_clicks({m["MessageId"]: m["Body"] for m in messages}, patience)
        journalled += len(consumed.journalled)
        for message in messages:
            if message["MessageId"] not in {*consumed.postponed, *consumed.refused}:
                place.sqs.delete_message(QueueUrl=place.queue, ReceiptHandle=message["ReceiptHandle"])
    return journalled


def people_journalled(stack: Stack, place: Place) -> int:
    pages = stack.dynamodb.get_paginator("scan").paginate(TableName=place.ledger, ConsistentRead=True)
    entries = [
        Entry.from_bytes(bytes(item["entry"]["B"]))
        for page in pages
        for item in page["Items"]
        if "entry" in item
    ]
    days = [counts for entry in entries for days in entry.counts.values() for counts in days.values()]
    return sum(totals(counts).clicks for counts in days)
