"""How fast a consumer reads, classifies and sums up clicks, beside `json.loads` of the same messages.

    .venv/bin/python -m bench.consume_speed

One trace: Zipf over 10,000 links of 500 users; the browsers that fake-useragent ships and, for one click in
ten, the programs that crawler-user-agents ships, both Zipf as well. One process and its own CPU time; the two
take turns, batch by batch of 3,000. Each run begins with empty caches, as in a new sandbox; medians of five.
"""

import gc
import itertools
import json
import math
import random
import statistics
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from analytics.domain import visitors
from analytics.domain.clicks import Click
from analytics.domain.tallies import Tally, tally
from analytics.events import read_message
from bench.classification import browsers, programs
from bench.traffic import make_links, zipf_clicks
from hopcount_shared.times import to_iso

LINKS, USERS = 10_000, 500
CLICKS = 90_000
BATCH = 3_000
BATCHES = (100, 300, 1_000, 3_000)
TURNS = 5
INVOCATION_BYTES = 6 * 1024 * 1024
"""What one invocation of a Lambda function takes."""

BEGINS = datetime(2026, 11, 22, 12, tzinfo=UTC)


def bodies(number: int, seed: int = 1) -> Sequence[str]:
    """Return click messages, as the redirect publishes them."""
    dice = random.Random(seed)
    links = make_links(LINKS, USERS, dice)
    people = _zipf([browser.user_agent for browser in browsers()], dice)
    bots = _zipf(_shuffled(programs(), dice), dice)
    clicks = zipf_clicks(links, 1_000, math.inf, BEGINS, dice)
    return [
        _message(next(bots if click.visitor.is_bot else people), click, dice)
        for click in itertools.islice(clicks, number)
    ]


def consume(batch: Sequence[str]) -> Tally:
    """Do what a consumer does with a batch, up to the ledger."""
    return tally(click for body in batch if isinstance(click := read_message(body), Click))


def sqs_event(batch: Sequence[str], dice: random.Random | None = None) -> str:
    """Return what Lambda is invoked with for a batch: its JSON, as long as the real one."""
    dice = dice or random.Random(1)
    return json.dumps(
        {"Records": [_record(body, dice) for body in batch]}, separators=(",", ":"), ensure_ascii=False
    )


def measure() -> Mapping[str, Any]:
    """Run the measurement."""
    messages = bodies(CLICKS)
    visitors.engine()
    turns = [_turn(messages) for _ in range(TURNS)]
    plain, consumed, first_plain, first = (statistics.median(times) for times in zip(*turns, strict=True))
    per_click = {size: _microseconds_per_click(messages, size) for size in BATCHES}
    peak = {size: _peak_bytes(messages[:size]) / size for size in BATCHES}
    return {
        "consumer_vs_json_loads": round(plain / consumed, 3),
        "consumer_vs_json_loads_first_batch": round(first_plain / first, 3),
        "clicks_per_s": round(CLICKS / consumed),
        "json_loads_per_s": round(CLICKS / plain),
        "per_click_us": {str(size): round(value, 2) for size, value in per_click.items()},
        "per_click_us_3000_over_100": round(per_click[BATCHES[-1]] / per_click[BATCHES[0]], 2),
        "peak_bytes_per_click": {str(size): round(value) for size, value in peak.items()},
        "event_bytes_3000": len(sqs_event(messages[:BATCH]).encode()),
        "event_bytes_3000_of_p99": p99_record_bytes(messages) * BATCH,
        "event_bytes_limit": INVOCATION_BYTES,
        "agents": len({json.loads(message)["data"]["userAgent"] for message in messages}),
    }


def _turn(messages: Sequence[str]) -> tuple[float, float, float, float]:
    """Return how long plain reading and consuming took, in all and for the first batch, in turns by batch."""
    visitors.forget()  # as in a new sandbox
    times = [(_seconds(_load_all, batch), _seconds(consume, batch)) for batch in _batches(messages, BATCH)]
    plain, consumed = zip(*times, strict=True)
    return sum(plain), sum(consumed), plain[0], consumed[0]


def p99_record_bytes(messages: Sequence[str]) -> int:
    """Return how long a record is that 99 of 100 are no longer than, with the comma after it."""
    lengths = sorted(len(sqs_event([message]).encode()) - len('{"Records":[]}') + 1 for message in messages)
    return lengths[len(lengths) * 99 // 100]


def _message(user_agent: str, click: Click, dice: random.Random) -> str:
    visitor = click.visitor
    moment = to_iso(click.occurred_at)
    event = {
        "id": f"{click.producer}:{click.sequence}",
        "type": "LinkClicked",
        "version": 1,
        "source": "hopcount.redirect",
        "time": moment,
        "correlationId": "".join(dice.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef", k=15)) + "=",
        "data": {
            "shortCode": click.short_code,
            "userId": click.user_id,
            "producer": click.producer,
            "sequence": click.sequence,
            "occurredAt": moment,
            "country": None if visitor.country == "unknown" else visitor.country,
            "userAgent": user_agent,
            "referrerHost": None if visitor.referrer == "direct" else visitor.referrer,
            "language": None if visitor.language == "unknown" else f"{visitor.language}-{visitor.country}",
        },
    }
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def _record(body: str, dice: random.Random) -> Mapping[str, Any]:
    trace = (
        f"Root=1-{dice.getrandbits(32):08x}-{dice.getrandbits(96):024x};Parent={dice.getrandbits(64):016x}"
    )
    return {
        "messageId": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "receiptHandle": "AQEB"
        + "".join(dice.choices("ABCDEFGHIJKLMNOPabcdefghijklmnop0123456789+/", k=408)),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "AWSTraceHeader": f"{trace};Sampled=0;Lineage=1:{dice.getrandbits(32):08x}:0",
            "SentTimestamp": "1795350418123",
            "SenderId": f"AROA{dice.getrandbits(64):016X}X:hopcount-redirect-production-redirect",
            "ApproximateFirstReceiveTimestamp": "1795350418456",
        },
        "messageAttributes": {},
        "md5OfBody": f"{dice.getrandbits(128):032x}",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:ap-southeast-2:123456789012:hopcount-analytics-production-clicks",
        "awsRegion": "ap-southeast-2",
    }


def _zipf(things: Sequence[str], dice: random.Random) -> Iterator[str]:
    weights = [1 / place for place in range(1, len(things) + 1)]
    while True:
        yield from dice.choices(things, weights, k=1_000)


def _shuffled(things: Sequence[str], dice: random.Random) -> Sequence[str]:
    return dice.sample(things, len(things))


def _batches(messages: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (messages[start : start + size] for start in range(0, len(messages), size))


def _load_all(messages: Sequence[str]) -> None:
    for message in messages:
        json.loads(message)


def _seconds(do: Callable[[Sequence[str]], object], batch: Sequence[str]) -> float:
    gc.collect()
    begun = time.process_time()
    do(batch)
    return time.process_time() - begun


def _microseconds_per_click(messages: Sequence[str], size: int) -> float:
    """Return the time of a click in batches of a size, the caches being warm."""
    part = messages[: BATCH * 2]
    runs = [sum(_seconds(consume, batch) for batch in _batches(part, size)) for _ in range(TURNS + 1)]
    return statistics.median(runs[1:]) / len(part) * 1e6


def _peak_bytes(batch: Sequence[str]) -> int:
    """Return how much memory a batch takes at most beside its messages, the caches being warm."""
    consume(batch)
    gc.collect()
    tracemalloc.start()
    try:
        clicks = [read_message(body) for body in batch]
        sums = tally(click for click in clicks if isinstance(click, Click))
        del clicks, sums
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    print(json.dumps(measure()))
