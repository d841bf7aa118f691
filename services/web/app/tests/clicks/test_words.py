"""Numbers, times and a series in words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hopcount_app.api_service.models import Point, Stats
from hopcount_app.clicks import words

WEEK = Stats(
    id="docs",
    first="2026-11-21",
    last="2026-11-23",
    tz="UTC",
    interval="day",
    clicks=1_205,
    bot_clicks=1,
    total_clicks=9_000,
    total_bot_clicks=40,
    series=(Point("2026-11-21", 5, 1), Point("2026-11-22", 1_200, 0), Point("2026-11-23", 0, 0)),
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (950, "950"), (1_000, "1k"), (1_500, "1.5k"), (20_000_000, "20M"), (3_000_000_000, "3G")],
)
def test_an_axis_has_room_for_few_characters(value: int, text: str) -> None:
    assert words.short_number(value) == text


def test_one_is_not_many() -> None:
    assert words.counted(1, 0) == "1 click by people, 0 by machines"
    assert words.counted(1_204, 1) == "1,204 clicks by people, 1 by machines"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 seconds"), (1, "1 second"), (90, "90 seconds"), (300, "5 minutes"), (86_400, "1 day")],
)
def test_a_length_of_time_has_its_largest_whole_unit(seconds: int, text: str) -> None:
    assert words.lasting(seconds) == text


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("2026-10-25", "2026-11-23", "25 Oct to 23 Nov 2026"),
        ("2025-11-24", "2026-11-23", "24 Nov 2025 to 23 Nov 2026"),
        ("2026-11-23", "2026-11-23", "23 Nov 2026"),
    ],
)
def test_a_period_does_not_repeat_itself(first: str, last: str, text: str) -> None:
    assert words.days(first, last) == text


def test_a_day_has_its_weekday() -> None:
    assert words.labels(WEEK.series)[0] == "Sat 21 Nov 2026"


def test_an_hour_has_its_clock() -> None:
    assert words.labels([Point("2026-11-23T14:00:00+01:00", 1, 0)]) == ["Mon 23 Nov 2026, 14:00"]


def test_hours_that_look_alike_are_told_apart() -> None:
    twice = [Point("2026-10-25T02:00:00+02:00", 1, 0), Point("2026-10-25T02:00:00+01:00", 1, 0)]
    assert words.labels(twice) == ["Sun 25 Oct 2026, 02:00 (UTC+02:00)", "Sun 25 Oct 2026, 02:00 (UTC+01:00)"]


def test_a_series_is_told_to_whoever_cannot_see_it() -> None:
    assert words.summary(WEEK) == (
        "Clicks by day, 21 Nov to 23 Nov 2026: 1,205 clicks by people, 1 by machines. "
        "Most by people on Sun 22 Nov 2026: 1,200."
    )


def test_nothing_is_told_as_nothing() -> None:
    quiet = tuple(Point(point.at, 0, 0) for point in WEEK.series)
    none = replace(WEEK, clicks=0, bot_clicks=0, series=quiet)
    assert words.summary(none) == "Clicks by day, 21 Nov to 23 Nov 2026: none."


def test_machines_alone_have_no_best_day_of_people() -> None:
    assert "Most" not in words.summary(replace(WEEK, clicks=0))


def test_what_is_yet_to_come_is_not_told() -> None:
    now = datetime(2026, 11, 23, 13, 59, tzinfo=UTC)
    hours = [Point(f"2026-11-23T{hour:02}:00:00+01:00", 0, 0) for hour in range(24)]
    assert words.so_far(hours, now, now.date())[-1].at == "2026-11-23T14:00:00+01:00"
    assert len(words.so_far(WEEK.series, now, date(2026, 11, 22))) == 2
    assert words.so_far(WEEK.series, now, now.date()) == WEEK.series
