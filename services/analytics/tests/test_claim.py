"""How a batch is split, and what becomes of its clicks."""

import os
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.analytics.tests.fakes import FakeLedger
from services.analytics.tests.support import PERSON, make_click, patience, sum_of, truth_of

from analytics.counting.claim import (
    MAX_BLOCKS,
    MAX_SHARDS,
    SETTLED,
    Outcome,
    claim_clicks,
    journal_erasures,
    shard_of,
)
from analytics.counting.journal import BLOCK_SIZE, MAX_BYTES, Block, Entry
from analytics.counting.patience import Patience
from analytics.counting.ports import BusyError
from analytics.domain.clicks import Click
from analytics.domain.erasures import Erasure

JOURNALLED, DUPLICATE, POSTPONED = Outcome.JOURNALLED, Outcome.DUPLICATE, Outcome.POSTPONED


class Watched(FakeLedger):
    """Writes down the transactions that happened, and is busy as often as it is told."""

    def __init__(self, busy: int = 0, lost: int = 0) -> None:
        super().__init__()
        self.busy = busy
        self.lost = lost
        self.transactions: list[tuple[Mapping[Block, frozenset[int]], Mapping[int, bytes]]] = []

    def claim(self, blocks: Mapping[Block, frozenset[int]], entries: Mapping[int, bytes]) -> None:
        if self.busy:
            self.busy -= 1
            raise BusyError("injected")
        super().claim(blocks, entries)
        self.transactions.append((blocks, entries))
        if self.lost:
            self.lost -= 1
            raise BusyError("injected")

    def journalled(self) -> Iterator[Entry]:
        for shard in self.journal.values():
            yield from map(Entry.from_bytes, shard.values())


def outcomes(clicks: list[Click], ledger: FakeLedger, tries: int = 1000, shards: int = 1) -> list[Outcome]:
    report = claim_clicks(clicks, ledger, shards, patience(tries))
    assert sorted(report.outcomes) == [*range(len(clicks))]
    return [report.outcomes[n] for n in range(len(clicks))]


def test_a_batch_is_journalled_as_one_entry() -> None:
    ledger, clicks = Watched(), [make_click(n) for n in range(100)]
    assert outcomes(clicks, ledger) == [JOURNALLED] * 100
    assert len(ledger.transactions) == 1
    assert sum_of(ledger.journalled()) == truth_of(clicks).days


def test_nothing_is_asked_for_nothing() -> None:
    ledger = Watched()
    assert outcomes([], ledger) == []
    journal_erasures([], ledger, 1, patience())
    assert ledger.transactions == []


def test_a_click_twice_in_a_batch_is_journalled_once() -> None:
    ledger = Watched()
    assert outcomes([make_click(1), make_click(2), make_click(1)], ledger) == [
        JOURNALLED,
        JOURNALLED,
        DUPLICATE,
    ]
    assert sum_of(ledger.journalled()) == truth_of([make_click(1), make_click(2)]).days


def test_what_was_journalled_before_is_left_out() -> None:
    ledger = Watched()
    outcomes([make_click(n) for n in range(0, 200, 3)], ledger)
    again = outcomes([make_click(n) for n in range(200)], ledger)
    assert again == [DUPLICATE if n % 3 == 0 else JOURNALLED for n in range(200)]
    assert sum_of(ledger.journalled()) == truth_of(make_click(n) for n in range(200)).days


def test_a_duplicate_that_tells_another_story_is_still_a_duplicate() -> None:
    ledger = Watched()
    outcomes([make_click(1)], ledger)
    assert outcomes([make_click(1, short_code="blog", user_id="bob")], ledger) == [DUPLICATE]


def test_a_transaction_has_as_many_blocks_as_fit() -> None:
    ledger = Watched()
    clicks = [make_click(n * BLOCK_SIZE) for n in range(2 * MAX_BLOCKS + 1)]
    assert set(outcomes(clicks, ledger, shards=MAX_SHARDS)) == {JOURNALLED}
    assert [len(blocks) for blocks, _ in ledger.transactions] == [MAX_BLOCKS, MAX_BLOCKS, 1]
    assert all(len(blocks) + len(entries) <= 100 for blocks, entries in ledger.transactions)


def test_blocks_are_claimed_in_one_order_whatever_the_order_of_the_clicks() -> None:
    forth, back = Watched(), Watched()
    clicks = [make_click(n * BLOCK_SIZE) for n in range(2 * MAX_BLOCKS)]
    outcomes(clicks, forth)
    outcomes(clicks[::-1], back)
    assert [set(blocks) for blocks, _ in forth.transactions] == [
        set(blocks) for blocks, _ in back.transactions
    ]


def test_a_duplicate_in_one_transaction_holds_no_other_up() -> None:
    ledger = Watched()
    outcomes([make_click(0)], ledger)
    again = outcomes([make_click(n * BLOCK_SIZE) for n in range(MAX_BLOCKS + 5)], ledger)
    assert again == [DUPLICATE] + [JOURNALLED] * (MAX_BLOCKS + 4)


def test_what_does_not_fit_an_entry_is_halved() -> None:
    """Values that cannot be compressed, as an attacker might send."""
    ledger = Watched()
    clicks = [
        make_click(n, visitor=PERSON._replace(referrer=os.urandom(250).hex()))
        for n in range(2 * BLOCK_SIZE * 15)
    ]
    assert set(outcomes(clicks, ledger)) == {JOURNALLED}
    sizes = [len(stored) for _, entries in ledger.transactions for stored in entries.values()]
    assert len(sizes) > 1
    assert max(sizes) <= MAX_BYTES
    assert sum_of(ledger.journalled()) == truth_of(clicks).days


def test_clicks_go_to_the_shards_of_their_links() -> None:
    ledger = Watched()
    codes = [f"code{n}" for n in range(40)]
    clicks = [make_click(n, short_code=code) for n, code in enumerate(codes)]
    outcomes(clicks, ledger, shards=3)
    found = {
        key.short_code: shard
        for shard, entries in ledger.journal.items()
        for stored in entries.values()
        for key in Entry.from_bytes(stored).counts
    }
    assert found == {code: shard_of(code, 3) for code in codes}
    assert set(found.values()) == {0, 1, 2}


def test_the_shard_of_a_link_never_changes() -> None:
    """It is written down in the ledger, and must be the same in every process and version."""
    assert [shard_of(code, 5) for code in ("docs", "blog", "a_b-C9")] == [4, 1, 1]
    assert shard_of("docs", 1) == 0


def test_a_busy_ledger_is_tried_again() -> None:
    ledger = Watched(busy=3)
    report = claim_clicks([make_click(1)], ledger, 1, patience())
    assert report.outcomes == {0: JOURNALLED}
    assert report.conflicts == 3


def test_an_answer_that_got_lost_is_no_second_click() -> None:
    ledger = Watched(lost=1)
    assert outcomes([make_click(1), make_click(2)], ledger) == [DUPLICATE, DUPLICATE]
    assert sum_of(ledger.journalled()) == truth_of([make_click(1), make_click(2)]).days


def test_what_time_does_not_suffice_for_is_postponed() -> None:
    ledger = Watched(busy=1000)
    assert outcomes([make_click(1), make_click(1)], ledger, tries=9) == [POSTPONED, POSTPONED]
    assert outcomes([make_click(1)], Watched(), tries=0) == [POSTPONED]


def test_between_tries_it_is_waited_ever_longer_with_jitter() -> None:
    waits: list[tuple[float, float]] = []
    left = iter(range(1000))

    def jitter(least: float, most: float) -> float:
        waits.append((least, most))
        return 0

    slow = Patience(time_left=lambda: 1000 - next(left), wait=lambda _: None, jitter=jitter)
    claim_clicks([make_click(1)], Watched(busy=8), 1, slow)
    assert waits == [(0, 0.025 * 2**n) for n in range(6)] + [(0, 1.0)] * 2


def test_no_wait_is_longer_than_the_time_left() -> None:
    waits: list[float] = []
    short = Patience(time_left=lambda: 0.01, wait=waits.append, jitter=lambda _, most: most)
    short.pause(5)
    assert waits == [0.01]


def test_erasures_go_to_the_shards_of_what_is_erased() -> None:
    ledger = Watched()
    erasures = {Erasure("link", f"code{n}") for n in range(9)} | {Erasure("user", "ann")}
    journal_erasures([*erasures, *erasures], ledger, 3, patience())
    assert len(ledger.transactions) == 1
    found = {
        (erasure, shard)
        for shard, entries in ledger.journal.items()
        for stored in entries.values()
        for erasure in Entry.from_bytes(stored).erasures
    }
    assert found == {(erasure, shard_of(erasure.id, 3)) for erasure in erasures}


def test_erasures_are_tried_again_and_then_given_up() -> None:
    ledger = Watched(busy=2)
    journal_erasures([Erasure("user", "ann")], ledger, 1, patience())
    assert len(ledger.transactions) == 1
    with pytest.raises(BusyError):
        journal_erasures([Erasure("user", "ann")], Watched(busy=100), 1, patience(5))


numbers = st.lists(st.tuples(st.sampled_from("pq"), st.integers(0, 200)), max_size=30)


@given(st.lists(numbers, max_size=5), st.integers(1, MAX_SHARDS), st.integers(0, 3), st.integers(0, 3))
def test_whatever_the_batches_each_click_is_in_one_entry(
    batches: list[list[tuple[str, int]]], shards: int, busy: int, lost: int
) -> None:
    ledger = Watched()
    clicks = [
        [make_click(n, producer=p * 22, short_code=f"code{n % 7}") for p, n in batch] for batch in batches
    ]
    for batch in clicks:
        ledger.busy, ledger.lost = busy, lost
        assert set(outcomes(batch, ledger, shards=shards)) <= SETTLED
    assert sum_of(ledger.journalled()) == truth_of(click for batch in clicks for click in batch).days
