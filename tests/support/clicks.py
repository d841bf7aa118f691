"""Clicks as the redirect publishes them, for tests that repeat, reorder and damage them."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.stack import Stack

Envelope = dict[str, Any]


BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def click(
    link: Mapping[str, Any],
    user_id: str,
    *,
    producer: str,
    sequence: int,
    age: timedelta = timedelta(minutes=1),
) -> Envelope:
    """Make somebody's click on a link, by default a minute ago."""
    moment = (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "id": f"{producer}:{sequence}",
        "type": "LinkClicked",
        "version": 1,
        "source": "hopcount.redirect",
        "time": moment,
        "correlationId": None,
        "data": {
            "shortCode": link["id"],
            "userId": user_id,
            "producer": producer,
            "sequence": sequence,
            "occurredAt": moment,
            "country": "CH",
            "userAgent": BROWSER,
            "referrerHost": None,
            "language": None,
        },
    }


def new_producer() -> str:
    return uuid.uuid4().hex[:22]


def put_on_bus(stack: Stack, envelopes: Iterable[Envelope]) -> None:
    """Publish clicks, ten a call, as an operator may."""
    events, entries = stack.client("events"), [_entry(stack, envelope) for envelope in envelopes]
    for start in range(0, len(entries), 10):
        answer = events.put_events(Entries=entries[start : start + 10])
        assert answer["FailedEntryCount"] == 0, answer


def _entry(stack: Stack, envelope: Envelope) -> dict[str, str]:
    return {
        "EventBusName": stack.outputs["eventBusName"],
        "Source": envelope["source"],
        "DetailType": f"{envelope['type']}.v{envelope['version']}",
        "Detail": json.dumps(envelope),
    }


def put_on_queue(stack: Stack, bodies: Iterable[str]) -> None:
    """Send message bodies straight to the click queue."""
    sqs = stack.client("sqs")
    for body in bodies:
        sqs.send_message(QueueUrl=stack.outputs["clickQueueUrl"], MessageBody=body)
