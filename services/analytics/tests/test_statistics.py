from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.domain.statistics import (
    MAX_DAYS,
    Clicks,
    DayRange,
    Link,
    LinkStatistics,
    daily_series,
    parse_range,
)
from hopcount_shared.errors import InvalidInputError

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, ("2026-01-31", "2026-03-01")),
        ("2026-02-28", None, ("2026-02-28", "2026-03-01")),
        (None, "2024-03-01", ("2024-02-01", "2024-03-01")),
        ("2024-02-28", "2024-03-01", ("2024-02-28", "2024-03-01")),
        ("2026-03-01", "2026-03-01", ("2026-03-01", "2026-03-01")),
        ("2026-03-05", "2026-03-06", ("2026-03-05", "2026-03-06")),
        ("2024-01-01", "2024-12-31", ("2024-01-01", "2024-12-31")),
        (None, "0001-01-03", ("0001-01-01", "0001-01-03")),
        ("9999-12-30", "9999-12-31", ("9999-12-30", "9999-12-31")),
    ],
)
def test_days_are_read_and_both_ends_count(
    first: str | None, last: str | None, expected: tuple[str, str]
) -> None:
    days = parse_range(first, last, TODAY)
    assert (days.first.isoformat(), days.last.isoformat()) == expected


def test_the_default_is_thirty_days_that_end_today() -> None:
    days = parse_range(None, None, TODAY).days
    assert (len(days), days[-1]) == (30, TODAY)


@pytest.mark.parametrize(
    ("first", "last", "fields"),
    [
        ("yesterday", None, ["from"]),
        ("", None, ["from"]),
        ("20260301", None, ["from"]),
        ("2026-W09-7", None, ["from"]),
        ("2026-03-01T00:00:00Z", None, ["from"]),
        ("2026-03-01\n", None, ["from"]),
        ("\u0662\u0660\u0662\u0666-03-01", None, ["from"]),
        ("2026-03-01,2026-03-02", None, ["from"]),
        ("2023-02-29", None, ["from"]),
        ("0000-01-01", None, ["from"]),
        (None, "2026-13-01", ["to"]),
        ("x", "y", ["to", "from"]),
        ("2026-03-02", "2026-03-01", ["from"]),
        ("2026-03-02", None, ["from"]),
        ("2025-01-01", "2026-01-02", ["from"]),
    ],
)
def test_what_is_no_range_of_days_names_its_fields(
    first: str | None, last: str | None, fields: list[str]
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_range(first, last, TODAY)
    assert [error.field for error in caught.value.errors] == fields


@given(st.dates(), st.integers(0, MAX_DAYS - 1), st.data())
def test_the_series_has_every_day_once_and_its_sums_are_those_of_the_rows(
    first: date, length: int, data: st.DataObject
) -> None:
    last = date.fromordinal(min(first.toordinal() + length, date.max.toordinal()))
    days = parse_range(first.isoformat(), last.isoformat(), TODAY)
    counts = st.builds(Clicks, st.integers(0, 10**6), st.integers(0, 10**6))
    counted = data.draw(st.dictionaries(st.dates(first, last), counts, max_size=20))
    series = daily_series(days, counted)
    assert [day.day for day in series] == [first + timedelta(days=n) for n in range((last - first).days + 1)]
    statistics = LinkStatistics("docs", days, Clicks(), series)
    assert statistics.in_range.clicks == sum(count.clicks for count in counted.values())
    assert statistics.in_range.bot_clicks == sum(count.bot_clicks for count in counted.values())


def test_a_leap_day_is_a_day() -> None:
    days = DayRange(date(2024, 2, 28), date(2024, 3, 1))
    series = daily_series(days, {date(2024, 2, 29): Clicks(3, 1)})
    assert [(str(day.day), day.counts) for day in series] == [
        ("2024-02-28", Clicks()),
        ("2024-02-29", Clicks(3, 1)),
        ("2024-03-01", Clicks()),
    ]


def test_all_time_counters_are_the_links_own() -> None:
    link = Link(owner="ann", all_time=Clicks(9, 2))
    statistics = LinkStatistics(
        "docs", DayRange(TODAY, TODAY), link.all_time, daily_series(DayRange(TODAY, TODAY), {})
    )
    assert (statistics.all_time, statistics.in_range) == (Clicks(9, 2), Clicks())
