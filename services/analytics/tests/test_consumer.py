"""The consumer's use case, over a ledger that writes down what it is told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from services.analytics.tests.support import HORIZON, NOW, body, make_click, message

from analytics.counting.journal import Block, Entry
from analytics.counting.patience import Patience
from analytics.counting.ports import BusyError
from analytics.domain.clicks import Provable
from analytics.domain.erasures import Erasure
from analytics.domain.tallies import LinkKey
from analytics.service import ClickConsumer, Consumed

EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Ledger:
    """Takes everything, or nothing."""

    busy: bool = False
    claimed: list[Mapping[Block, frozenset[int]]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def claim(self, blocks: Mapping[Block, frozenset[int]], entries: Mapping[int, bytes]) -> None:
        if self.busy:
            raise BusyError("busy")
        self.claimed.append(blocks)
        self.entries += [Entry.from_bytes(stored) for stored in entries.values()]


def consume(ledger: Ledger, *bodies: str, tries: int = 50, since: datetime = EVER) -> Consumed:
    left = iter(range(tries, 0, -1))
    patience = Patience(time_left=lambda: next(left, 0), wait=lambda _: None)
    consumer = ClickConsumer(ledger, 1, Provable(HORIZON, since), lambda: NOW)
    return consumer.consume_clicks({f"m{n}": text for n, text in enumerate(bodies)}, patience)


def erased(kind: str, **data: Any) -> str:
    source = "hopcount.links" if kind == "LinkErased" else "hopcount.users"
    moment = "2026-02-01T00:00:00.000000Z"
    return json.dumps(
        {
            "id": "erasure-1",
            "type": kind,
            "version": 1,
            "source": source,
            "time": moment,
            "correlationId": None,
            "data": {**data, "occurredAt": moment},
        }
    )


def test_a_batch_is_one_transaction_and_one_entry() -> None:
    ledger = Ledger()
    clicks = [make_click(n) for n in range(70)]
    consumed = consume(ledger, *map(body, clicks))
    assert consumed.journalled == [f"m{n}" for n in range(70)]
    (blocks,) = ledger.claimed
    producer = clicks[0].producer
    assert blocks == {Block(producer, 0): frozenset(range(64)), Block(producer, 1): frozenset(range(64, 70))}
    (entry,) = ledger.entries
    assert entry.counts[LinkKey("docs", "ann")]["2026-03-01"]["h12"] == 70


def test_a_message_twice_in_a_batch_is_one_click() -> None:
    ledger = Ledger()
    consumed = consume(ledger, body(make_click(0)), body(make_click(0)))
    assert (consumed.journalled, consumed.duplicates) == (["m0"], ["m1"])
    assert ledger.entries[0].counts[LinkKey("docs", "ann")]["2026-03-01"]["h12"] == 1


def test_what_cannot_be_counted_is_told_apart_and_stops_nobody() -> None:
    ledger = Ledger()
    consumed = consume(
        ledger,
        "not json",
        json.dumps(message(make_click(2), version=9)),
        body(make_click(3, occurred_at=NOW - HORIZON - timedelta(seconds=1))),
        body(make_click(4, occurred_at=NOW + timedelta(minutes=6))),
        body(make_click(5, occurred_at=NOW + timedelta(minutes=4))),
        body(make_click(6, occurred_at=NOW - HORIZON)),
    )
    assert consumed.malformed == ["m0", "m1", "m3"]
    assert consumed.too_old == ["m2"]
    assert consumed.journalled == ["m4", "m5"]
    assert sorted(consumed.refused) == ["m0", "m1", "m2", "m3"]


def test_clicks_from_before_the_claims_begin_are_too_old() -> None:
    since = NOW - timedelta(hours=1)
    old, new = make_click(0, occurred_at=since - timedelta(seconds=1)), make_click(1, occurred_at=since)
    consumed = consume(Ledger(), body(old), body(new), since=since)
    assert (consumed.too_old, consumed.journalled) == (["m0"], ["m1"])


def test_a_busy_ledger_postpones_everything_that_is_not_refused() -> None:
    consumed = consume(
        Ledger(busy=True),
        body(make_click(0)),
        "not json",
        erased("LinkErased", shortCode="docs", userId="ann"),
    )
    assert (sorted(consumed.postponed), consumed.malformed) == (["m0", "m2"], ["m1"])
    assert consumed.conflicts > 0


def test_erasures_are_journalled_and_claim_nothing() -> None:
    ledger = Ledger()
    consumed = consume(
        ledger,
        erased("LinkErased", shortCode="docs", userId="ann"),
        erased("UserDeleted", userId="ann"),
    )
    assert sorted(consumed.journalled) == ["m0", "m1"]
    assert ledger.claimed == [{}]
    assert ledger.entries[0].erasures == {Erasure("link", "docs"), Erasure("user", "ann")}


@pytest.mark.parametrize("bodies", [[], ["not json"]])
def test_nothing_is_written_for_nothing(bodies: list[str]) -> None:
    ledger = Ledger()
    assert consume(ledger, *bodies).journalled == []
    assert ledger.claimed == []
