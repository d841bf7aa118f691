import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.breakdowns import LIMITS, MAX_ROW_BYTES, OTHER, RowChange, bound
from analytics.domain.tallies import BOT_HOURS, HOURS, PREFIXES
from analytics.domain.visitors import MAX_FAMILY_BYTES, MAX_REFERRER_BYTES

UNTIMED = settings(deadline=None)

Row = dict[str, int]

PLACES = LIMITS["referrer"]


def changed(row: Mapping[str, int], change: RowChange) -> Row:
    """The row after a change, as DynamoDB would leave it."""
    assert not change.remove & change.add.keys()
    assert change.remove <= row.keys()
    assert all(change.add.values())
    after = {name: number for name, number in row.items() if name not in change.remove}
    for name, number in change.add.items():
        after[name] = after.get(name, 0) + number
    return after


def added(row: Mapping[str, int], delta: Mapping[str, int]) -> Row:
    return changed(row, bound(row, delta))


def dimension_sums(row: Mapping[str, int]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for name, number in row.items():
        if ":" in name:
            sums[name.partition(":")[0]] += number
    return sums


def named(row: Mapping[str, int], dimension: str) -> Row:
    prefix = f"{PREFIXES[dimension]}:"
    return {
        name: number for name, number in row.items() if name.startswith(prefix) and name != prefix + OTHER
    }


def check_limits(row: Mapping[str, int]) -> None:
    for dimension, limit in LIMITS.items():
        assert len(named(row, dimension)) <= limit


def referrers(names: Iterable[str]) -> Row:
    return dict(Counter(f"r:{name}" for name in names))


class TestOneAddition:
    def test_a_row_with_places_left_takes_everything(self) -> None:
        delta = {"h12": 3, "b07": 1, "c:CH": 2, "c:DE": 1, "d:mobile": 3, "r:direct": 3}
        assert bound({}, delta) == RowChange(delta, frozenset())

    def test_what_is_of_no_dimension_passes_unchanged(self) -> None:
        delta = {"clicks": 5, "botClicks": 2, "h00": 5, "b23": 2}
        assert bound({"clicks": 1, "v": 7, "epoch_abc123": 9}, delta) == RowChange(delta, frozenset())

    def test_nothing_is_added_where_nothing_is_to_be(self) -> None:
        assert (
            bound({"c:CH": 2}, {}) == bound({"c:CH": 2}, {"c:DE": 0, "h01": 0}) == RowChange({}, frozenset())
        )

    def test_what_finds_no_place_is_other(self) -> None:
        row = {f"r:site-{n}": 10 + n for n in range(PLACES)}
        assert bound(row, {"r:new": 3}) == RowChange({"r:other": 3}, frozenset())

    def test_what_comes_to_more_takes_the_place_of_the_least(self) -> None:
        row = {f"r:site-{n}": 10 + n for n in range(PLACES)} | {"r:other": 5}
        assert bound(row, {"r:new": 11}) == RowChange({"r:new": 11, "r:other": 10}, frozenset({"r:site-0"}))

    def test_the_numbers_after_the_addition_decide(self) -> None:
        row = {f"r:site-{n}": 10 + n for n in range(PLACES)}
        assert bound(row, {"r:new": 12, "r:site-0": 5}) == RowChange(
            {"r:new": 12, "r:site-0": 5, "r:other": 11}, frozenset({"r:site-1"})
        )

    def test_of_equals_whoever_has_a_place_keeps_it(self) -> None:
        row = {f"r:site-{n}": 10 for n in range(PLACES)}
        assert bound(row, {"r:new": 10}) == RowChange({"r:other": 10}, frozenset())

    def test_the_bucket_is_no_value(self) -> None:
        row = {f"d:{n}": 1 for n in range(5)} | {"d:other": 100}
        assert bound(row, {"d:other": 4, "d:sixth": 1}) == RowChange(
            {"d:other": 4, "d:sixth": 1}, frozenset()
        )

    def test_a_throng_at_once_leaves_the_largest(self) -> None:
        after = added({}, {f"r:site-{n}": n for n in range(1, 101)})
        assert after == {f"r:site-{n}": n for n in range(101 - PLACES, 101)} | {
            "r:other": sum(range(1, 101 - PLACES))
        }

    def test_dimensions_do_not_mix(self) -> None:
        row = {f"r:site-{n}": 10 for n in range(PLACES)}
        assert bound(row, {"c:site-0": 1, "l:site-0": 2}) == RowChange(
            {"c:site-0": 1, "l:site-0": 2}, frozenset()
        )

    def test_a_value_may_hold_a_colon(self) -> None:
        assert bound({"w:a:b": 1}, {"w:a:b": 1}) == RowChange({"w:a:b": 1}, frozenset())

    def test_a_row_that_had_more_is_brought_within_limits(self) -> None:
        row = {f"d:{n}": n for n in range(1, 10)}
        after = added(row, {"h00": 1})
        assert after == {f"d:{n}": n for n in range(4, 10)} | {"d:other": 6, "h00": 1}

    def test_a_correction_can_take_away(self) -> None:
        assert added({"r:a": 5, "r:b": 2, "r:other": 3}, {"r:a": -2, "r:b": -2, "r:other": -1}) == {
            "r:a": 3,
            "r:other": 2,
        }


VALUES = st.sampled_from([OTHER, *(f"v{n}" for n in range(40))])
COUNTERS = st.one_of(
    st.sampled_from([*HOURS, *BOT_HOURS, "clicks", "botClicks"]),
    st.builds(lambda prefix, value: f"{prefix}:{value}", st.sampled_from(sorted(PREFIXES.values())), VALUES),
)
DELTAS = st.dictionaries(COUNTERS, st.integers(1, 50), max_size=120)


class TestAlways:
    @UNTIMED
    @given(st.lists(DELTAS, max_size=8))
    def test_sums_are_exact_and_limits_hold(self, deltas: Sequence[Row]) -> None:
        row: Row = {}
        plain: Counter[str] = Counter()
        for delta in deltas:
            row = added(row, delta)
            plain.update(delta)
            check_limits(row)
            assert dimension_sums(row) == dimension_sums(plain)
            # Nothing is made up: no value comes to more than was sent.
            assert all(
                number <= plain[name] for name, number in row.items() if not name.endswith(f":{OTHER}")
            )
            assert {n: x for n, x in row.items() if ":" not in n} == {
                n: x for n, x in plain.items() if ":" not in n
            }

    @UNTIMED
    @given(st.dictionaries(COUNTERS, st.integers(-5, 50)), st.dictionaries(COUNTERS, st.integers(-50, 50)))
    def test_sums_are_exact_and_limits_hold_for_any_row_and_corrections_too(
        self, row: Row, delta: Row
    ) -> None:
        after = added(row, delta)
        check_limits(after)
        expected = dimension_sums(row)
        expected.update(dimension_sums(delta))
        assert {p: dimension_sums(after)[p] for p in PREFIXES.values()} == {
            p: expected[p] for p in PREFIXES.values()
        }

    @UNTIMED
    @given(DELTAS, DELTAS)
    def test_the_same_comes_to_the_same(self, row: Row, delta: Row) -> None:
        row = added({}, row)
        backwards = dict(reversed(delta.items()))
        assert bound(row, delta) == bound(dict(reversed(row.items())), backwards)

    @UNTIMED
    @given(DELTAS, DELTAS)
    def test_what_has_a_place_is_never_smaller_than_what_came_with_more_and_got_none(
        self, row: Row, delta: Row
    ) -> None:
        row = added({}, row)
        after = added(row, delta)
        for dimension in LIMITS:
            places = named(after, dimension)
            left = {
                name: n
                for name, n in named(delta, dimension).items()
                if name not in places and name not in row
            }
            if left:
                # All but the last place, for which lots may be drawn.
                assert sorted(places.values())[1] >= max(left.values())


def row_bytes(row: Mapping[str, object]) -> int:
    """How large DynamoDB takes an item to be: texts in UTF-8, numbers two digits in a byte, and one more."""

    def size(value: object) -> int:
        if isinstance(value, int):
            digits = len(str(abs(value)).rstrip("0")) or 1
            return (digits + 1) // 2 + 1 + (value < 0)
        return len(str(value).encode())

    return sum(len(name.encode()) + size(value) for name, value in row.items())


LONGEST = {
    "country": ["unknown", *(f"{a}{b}" for a in "ABCDE" for b in "ABCDE")],
    "device": ["desktop", "console", "tablet", "mobile", "unknown", "tv"],
    "browser": [f"{n:02}".ljust(MAX_FAMILY_BYTES, "b") for n in range(LIMITS["browser"])],
    "os": [f"{n:02}".ljust(MAX_FAMILY_BYTES, "o") for n in range(LIMITS["os"])],
    "referrer": [f"{n:02}".ljust(MAX_REFERRER_BYTES, "r") for n in range(LIMITS["referrer"])],
    "language": [f"{'l' * 7}{chr(97 + n)}" for n in range(LIMITS["language"])],
}


def test_a_row_at_its_largest_fits_a_year_into_one_page() -> None:
    number = 999_999_999
    counters = [*HOURS, *BOT_HOURS, "clicks", "botClicks"]
    for dimension, limit in LIMITS.items():
        prefix = PREFIXES[dimension]
        assert len(LONGEST[dimension]) >= limit
        counters += [f"{prefix}:{value}" for value in LONGEST[dimension][:limit]] + [f"{prefix}:{OTHER}"]
    row = dict.fromkeys(counters, number)
    after = added(row, {f"{PREFIXES[d]}:new": number // 2 for d in LIMITS} | dict.fromkeys(HOURS, 0))
    assert len(after) == len(row)
    item: dict[str, object] = {
        **row,
        "shortCode": "s" * 64,
        "date": "2026-11-22",
        "v": number,
        "by": "abc123",
        "epoch_abc123": number,
        "epoch_def456": number,
    }
    assert 2_200 < row_bytes(item) <= MAX_ROW_BYTES
    assert 368 * MAX_ROW_BYTES < 1024 * 1024


@pytest.mark.parametrize(("number", "size"), [(0, 2), (7, 2), (10, 2), (12, 2), (123, 3), (999_999_999, 6)])
def test_numbers_take_a_byte_for_two_digits_and_one(number: int, size: int) -> None:
    assert row_bytes({"": number}) == size


class TestAttack:
    """Values that never come again, beside one that does."""

    REAL = "r:real.example"

    @pytest.mark.parametrize("clicks_per_fold", [1, 10, 100, 1_000])
    @pytest.mark.parametrize("seed", range(2))
    def test_a_real_value_keeps_its_share_of_an_empty_row(self, clicks_per_fold: int, seed: int) -> None:
        clicks = list(attack(20_000, 0.05, seed))
        row = fold({}, clicks, clicks_per_fold)
        real = clicks.count("real.example")
        assert real > 900
        assert row[self.REAL] >= 0.9 * real
        assert sum(row.values()) == len(clicks)

    @pytest.mark.parametrize("clicks_per_fold", [1, 10, 100])
    def test_a_real_value_gets_in_where_others_are_large_already(self, clicks_per_fold: int) -> None:
        large = {f"r:site-{n}": 100 + 50 * n for n in range(PLACES - 1)}
        row = fold(large, attack(20_000, 0.05, 1), clicks_per_fold)
        assert row[self.REAL] > 400
        assert len(row.keys() & large.keys()) >= PLACES - 2

    @pytest.mark.parametrize("clicks_per_fold", [1, 10, 100])
    def test_no_place_but_the_last_is_ever_in_danger(self, clicks_per_fold: int) -> None:
        large = {f"r:site-{n}": 50 + 50 * n for n in range(PLACES)}
        row = fold(large, attack(20_000, 0, 2), clicks_per_fold)
        assert {name: row.get(name) for name in list(large)[1:]} == {
            name: large[name] for name in list(large)[1:]
        }

    def test_a_value_that_comes_late_and_little_by_little_gets_in(self) -> None:
        """Sites with places had 100 clicks each; another one has 5 times as many, one at a time."""
        inside = 0
        for attempt in range(20):
            row = fold({f"r:site-{n}": 100 for n in range(PLACES)}, [f"late-{attempt}"] * 500, 1)
            inside += f"r:late-{attempt}" in row
        assert inside >= 17

    def test_while_nothing_larger_can_hide_in_other_nobody_loses_a_place(self) -> None:
        large = {f"r:site-{n}": 1_000 for n in range(PLACES)}
        row = fold(large, attack(990, 0.5, 3), 1)
        assert {name: row[name] for name in large} == large

    @UNTIMED
    @given(st.integers(0, 2**32), st.sampled_from([1, 7, 50]))
    def test_a_row_never_grows_past_its_limit(self, seed: int, clicks_per_fold: int) -> None:
        clicks = [f"{'x' * 30}{n}" for n in random.Random(seed).choices(range(10_000), k=400)]  # noqa: S311
        row = fold({}, clicks, clicks_per_fold)
        assert len(row) == LIMITS["referrer"] + 1
        assert sum(row.values()) == 400


def attack(number: int, share: float, seed: int) -> Iterator[str]:
    dice = random.Random(seed)  # noqa: S311
    for n in range(number):
        yield "real.example" if dice.random() < share else f"{dice.getrandbits(64):x}-{n}.example"


def fold(row: Mapping[str, int], clicks: Iterable[str], clicks_per_fold: int) -> Row:
    """Add clicks to a row, so many at a time."""
    after, sent = dict(row), list(clicks)
    for start in range(0, len(sent), clicks_per_fold):
        after = added(after, referrers(sent[start : start + clicks_per_fold]))
        check_limits(after)
    return after
