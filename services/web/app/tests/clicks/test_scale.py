"""Axes have round numbers, and marks where people expect them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopcount_app.clicks.scale import along, upwards

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
AUGUST = datetime(2026, 8, 5, tzinfo=UTC)


def days(count: int, first: datetime = MONDAY) -> list[datetime]:
    return [first + timedelta(days=n) for n in range(count)]


def hours(count: int, first: datetime = MONDAY) -> list[datetime]:
    return [first + timedelta(hours=n) for n in range(count)]


@pytest.mark.parametrize(
    ("highest", "marks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (7, [0, 2, 4, 6, 8]),
        (97, [0, 20, 40, 60, 80, 100]),
        (100, [0, 20, 40, 60, 80, 100]),
        (101, [0, 50, 100, 150]),
        (1_234_567, [0, 500_000, 1_000_000, 1_500_000]),
    ],
)
def test_numbers_are_round(highest: int, marks: list[int]) -> None:
    assert upwards(highest) == marks


@given(st.integers(0, 10**12), st.integers(1, 12))
def test_the_axis_holds_all_and_wastes_less_than_a_step(highest: int, most: int) -> None:
    marks = upwards(highest, most)
    step = marks[1]
    assert marks == list(range(0, marks[-1] + 1, step))
    assert len(marks) - 1 <= most
    assert highest <= marks[-1]
    assert marks[-1] - highest < step or marks == [0, 1]
    assert str(step).rstrip("0") in {"1", "2", "5"}


def test_a_week_marks_every_day() -> None:
    assert [tick.label for tick in along(days(7), 8, by_hour=False)] == [
        *("23 Nov", "24 Nov", "25 Nov", "26 Nov", "27 Nov", "28 Nov", "29 Nov"),
    ]


def test_a_month_marks_mondays() -> None:
    ticks = along(days(30), 8, by_hour=False)
    assert [tick.at for tick in ticks] == [0, 7, 14, 21, 28]


def test_a_year_marks_months_and_names_the_new_year() -> None:
    ticks = along(days(365, AUGUST), 12, by_hour=False)
    assert [tick.label for tick in ticks] == [
        *("Sep", "Oct", "Nov", "Dec", "2027", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug"),
    ]
    narrow = along(days(365, AUGUST), 5, by_hour=False)
    assert [tick.label for tick in narrow] == ["Oct", "2027", "Apr", "Jul"]


def test_a_day_marks_hours_and_its_midnight_by_date() -> None:
    ticks = along(hours(24), 8, by_hour=True)
    assert [tick.label for tick in ticks] == [
        *("23 Nov", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"),
    ]


def test_a_week_of_hours_marks_midnights() -> None:
    ticks = along(hours(7 * 24), 8, by_hour=True)
    assert [(tick.at, tick.label) for tick in ticks][:2] == [(0, "23 Nov"), (24, "24 Nov")]
    assert len(ticks) == 7


def test_nothing_has_no_marks() -> None:
    assert along([], 5, by_hour=False) == []


@given(st.integers(1, 400), st.integers(1, 12), st.booleans())
def test_labels_always_fit_and_there_is_one(count: int, most: int, by_hour: bool) -> None:
    start = datetime(2026, 2, 3, tzinfo=UTC)
    times = hours(count, start) if by_hour else days(count, start)
    ticks = along(times, most, by_hour=by_hour)
    assert 1 <= len(ticks) <= most
    assert all(0 <= tick.at < count for tick in ticks)
