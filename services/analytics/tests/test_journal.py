import random

from hypothesis import given
from hypothesis import strategies as st
from services.analytics.tests.support import make_click, sum_of

from analytics.counting.journal import (
    MAX_BYTES,
    Entry,
    EpochId,
    Head,
    RowKey,
    merge_entries,
)
from analytics.domain.erasures import Erasure
from analytics.domain.tallies import LinkKey, tally

names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
counts = st.dictionaries(names, st.integers(-9, 9), max_size=4)
days = st.sampled_from(["2026-03-01", "2026-03-02"])
kinds = st.sampled_from(["link", "day", "user"])
entries = st.builds(
    Entry,
    counts=st.dictionaries(
        st.builds(LinkKey, names, names), st.dictionaries(days, counts, max_size=2), max_size=3
    ),
    erasures=st.frozensets(st.builds(Erasure, st.sampled_from(["link", "user"]), names), max_size=3),
    repairs=st.dictionaries(st.builds(RowKey, kinds, names, st.just("") | days), counts, max_size=3),
)


@given(entries)
def test_an_entry_is_read_as_it_was_written(entry: Entry) -> None:
    assert Entry.from_bytes(entry.to_bytes()) == entry


@given(st.lists(entries, max_size=5), st.randoms(use_true_random=False))
def test_merging_does_not_depend_on_the_order_or_on_how_often_it_is_done(
    some: list[Entry], dice: random.Random
) -> None:
    whole = merge_entries(some)
    shuffled = dice.sample(some, len(some))
    middle = dice.randint(0, len(some))
    assert merge_entries(shuffled) == whole
    assert merge_entries([merge_entries(some[:middle]), merge_entries(some[middle:])]) == whole


@given(st.lists(entries, min_size=1, max_size=4))
def test_what_is_merged_stays_as_it_is(some: list[Entry]) -> None:
    before = [entry.to_bytes() for entry in some]
    merge_entries(some)
    assert [entry.to_bytes() for entry in some] == before


def test_the_sum_of_entries_is_the_entry_of_all_clicks() -> None:
    clicks = [make_click(n, short_code=("docs", "blog")[n % 2]) for n in range(9)]
    parts = [Entry(counts=tally(clicks[start : start + 2])) for start in range(0, 9, 2)]
    whole = Entry(counts=tally(clicks))
    assert merge_entries(parts) == whole
    assert sum_of(parts) == sum_of([whole])


def test_an_ordinary_batch_is_far_from_the_limit() -> None:
    """Three thousand clicks on as many links, each with values of its own."""
    clicks = []
    for n in range(3000):
        visitor = make_click().visitor._replace(
            referrer=f"host-{n * 7919 % 3000}.example", country=f"C{n % 200}"
        )
        clicks.append(make_click(n, short_code=f"code{n:03}", user_id=f"user{n % 500}", visitor=visitor))
    assert len(Entry(counts=tally(clicks)).to_bytes()) < MAX_BYTES


def test_an_epoch_is_named_by_its_number_and_nonce() -> None:
    assert str(EpochId("life", 12, "n0nce")) == "12.n0nce"


def test_what_a_head_knows() -> None:
    head = Head(0, EpochId("life", 5, "n5"), folded=True, leased_until=None, earlier=frozenset({"before"}))
    assert head.knows(EpochId("life", 5, "n5"))
    assert head.knows(EpochId("life", 4, "whatever"))
    assert head.knows(EpochId("before", 99, "whatever"))
    assert not head.knows(EpochId("life", 5, "other"))
    assert not head.knows(EpochId("life", 6, "n6"))
    assert not head.knows(EpochId("other", 1, "n1"))
