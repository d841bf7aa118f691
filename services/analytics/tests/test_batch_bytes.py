"""A batch fits an invocation of its function: 6 MB, measured on what Lambda would really send."""

import json

from bench.consume_speed import BATCH, INVOCATION_BYTES, bodies, p99_record_bytes, sqs_event

from analytics.domain.clicks import Click
from analytics.events import read_message

MESSAGES = bodies(BATCH)


def test_a_batch_is_made_of_what_the_consumer_reads() -> None:
    event = json.loads(sqs_event(MESSAGES[:50]))
    clicks = [read_message(record["body"]) for record in event["Records"]]
    assert all(isinstance(click, Click) for click in clicks)
    assert len(event["Records"][0]["receiptHandle"]) == 412
    # Everything but the body. Counted without it, 3,000 records would look as if they took half.
    assert 1_000 < len(sqs_event(MESSAGES[:1])) - len(json.dumps(MESSAGES[0])) < 1_300


def test_a_full_batch_fits_an_invocation() -> None:
    size = len(sqs_event(MESSAGES).encode())
    assert 4_000_000 < size < 0.85 * INVOCATION_BYTES


def test_a_full_batch_of_the_longest_usual_records_fits_an_invocation() -> None:
    """99 of 100 records are no longer. Of longer ones Lambda sends fewer: it invokes once 6 MB are there."""
    assert p99_record_bytes(MESSAGES) * BATCH < 0.85 * INVOCATION_BYTES


def test_a_full_batch_of_long_records_would_not_fit() -> None:
    """What the redirect lets through at most: Lambda then sends fewer."""
    event = json.loads(MESSAGES[0])
    event["data"] |= {
        "userAgent": '"' * 512,
        "referrerHost": "r" * 253,
        "language": "l" * 35,
        "shortCode": "s" * 64,
    }
    longest = json.dumps(event, separators=(",", ":"))
    assert INVOCATION_BYTES < len(sqs_event([longest] * BATCH)) < 2 * INVOCATION_BYTES
