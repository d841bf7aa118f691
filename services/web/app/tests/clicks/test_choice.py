"""What is looked at, kept in an address."""

from datetime import date

import pytest

from hopcount_app.clicks.choice import Choice, Period, read_choice

TODAY = date(2026, 11, 23)
OWN = Period(date(2026, 10, 1), date(2026, 10, 15))


def test_a_bare_address_shows_thirty_days_in_the_readers_zone() -> None:
    choice = read_choice({}, "Europe/Zurich")
    assert choice == Choice("Europe/Zurich")
    assert choice.period(TODAY) == Period(date(2026, 10, 25), TODAY)
    assert choice.interval == "day"


@pytest.mark.parametrize(
    "choice",
    [
        Choice("Europe/Zurich"),
        Choice("UTC", "1y"),
        Choice("Europe/Zurich", "7d", by_hour=True),
        Choice("UTC").with_days(OWN),
    ],
)
def test_an_address_brings_the_same_back(choice: Choice) -> None:
    assert read_choice(choice.query("Europe/Zurich"), "Europe/Zurich") == choice


def test_an_address_says_only_what_is_unusual() -> None:
    assert Choice("Europe/Zurich").query("Europe/Zurich") == {}
    assert Choice("UTC").with_days(OWN).query("UTC") == {"from": "2026-10-01", "to": "2026-10-15"}


@pytest.mark.parametrize(
    "query",
    [
        {"range": "5 minutes"},
        {"from": "2026-10-01"},
        {"from": "yesterday", "to": "2026-10-15"},
        {"from": "2026-10-15", "to": "2026-10-01"},
        {"from": "2020-01-01", "to": "2026-10-15"},
        {"by": "minute"},
        {"zone": ""},
    ],
)
def test_nonsense_in_an_address_is_as_if_it_were_not_there(query: dict[str, str]) -> None:
    assert read_choice(query, "UTC") == Choice("UTC")


def test_hours_are_shown_only_where_the_api_has_them() -> None:
    week = Choice("UTC", "7d", by_hour=True)
    assert week.interval == "hour"
    assert not week.with_range("90d").hours_can_be_had
    assert week.with_range("90d").interval == "day"
    assert week.with_range("90d").with_range("30d").interval == "hour"  # the wish is remembered


def test_a_month_has_hours_and_a_day_more_has_not() -> None:
    month = Period(date(2026, 10, 1), date(2026, 10, 31))
    assert Choice("UTC").with_days(month).hours_can_be_had
    assert not Choice("UTC").with_days(Period(month.first, date(2026, 11, 1))).hours_can_be_had


def test_a_range_forgets_somebodys_own_days() -> None:
    assert Choice("UTC").with_days(OWN).with_range("7d") == Choice("UTC", "7d")


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), "before the first"),
        (date(2026, 11, 24), date(2026, 11, 25), "yet to come"),
        (date(2025, 11, 22), TODAY, "366 days at most"),
        (date(2025, 11, 23), TODAY, None),
        (TODAY, TODAY, None),
    ],
)
def test_own_days_are_checked(first: date, last: date, problem: str | None) -> None:
    said = Period(first, last).problem(TODAY)
    assert said is None if problem is None else problem in str(said)
