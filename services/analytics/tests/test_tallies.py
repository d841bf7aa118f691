from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.analytics.tests.support import BOT, NOW, PERSON, make_click

from analytics.domain.clicks import Click, Visitor
from analytics.domain.tallies import (
    BOT_HOURS,
    HOURS,
    PREFIXES,
    LinkKey,
    Totals,
    counters_of,
    merge,
    tally,
    totals,
)

UNTIMED = settings(deadline=None)

DOCS, NEWS = LinkKey("docs", "ann"), LinkKey("news", "bob")

VISITORS = st.builds(
    Visitor,
    is_bot=st.booleans(),
    country=st.sampled_from(["CH", "US", "unknown"]),
    device=st.sampled_from(["desktop", "mobile", "other"]),
    browser=st.sampled_from(["Firefox", "Chrome"]),
    os=st.sampled_from(["Linux", "iOS"]),
    referrer=st.sampled_from(["direct", "example.org", "other"]),
    language=st.sampled_from(["de", "en"]),
)
CLICKS = st.lists(
    st.builds(
        make_click,
        sequence=st.integers(0, 10**6),
        short_code=st.sampled_from(["docs", "news"]),
        user_id=st.sampled_from(["ann", "bob"]),
        occurred_at=st.datetimes(NOW.replace(tzinfo=None), datetime(2026, 3, 4), timezones=st.just(UTC)),  # noqa: DTZ001
        visitor=VISITORS,
    ),
    max_size=30,
)


def test_a_person_counts_once_in_each_dimension() -> None:
    assert tally([make_click()]) == {
        DOCS: {
            "2026-03-01": {
                "h12": 1,
                "c:CH": 1,
                "d:desktop": 1,
                "w:Firefox": 1,
                "o:Linux": 1,
                "r:example.org": 1,
                "l:de": 1,
            }
        }
    }


def test_a_program_counts_in_its_hour_only() -> None:
    assert tally([make_click(visitor=BOT)]) == {DOCS: {"2026-03-01": {"b12": 1}}}


@pytest.mark.parametrize(
    ("occurred_at", "day", "hour"),
    [
        ("2026-02-28T23:59:59.999999+00:00", "2026-02-28", "h23"),
        ("2026-03-01T00:00:00+00:00", "2026-03-01", "h00"),
        ("2024-02-29T12:00:00+00:00", "2024-02-29", "h12"),
        ("0999-01-01T05:00:00+00:00", "0999-01-01", "h05"),
    ],
)
def test_a_click_counts_for_its_utc_day_and_hour(occurred_at: str, day: str, hour: str) -> None:
    sums = tally([make_click(occurred_at=datetime.fromisoformat(occurred_at))])
    assert list(sums[DOCS]) == [day]
    assert sums[DOCS][day][hour] == 1


def test_links_owners_and_days_are_kept_apart() -> None:
    clicks = [
        make_click(1),
        make_click(2, short_code="news", user_id="bob"),
        make_click(3, occurred_at=NOW + timedelta(days=1)),
        make_click(4, user_id="bob"),
    ]
    assert {key: list(days) for key, days in tally(clicks).items()} == {
        DOCS: ["2026-03-01", "2026-03-02"],
        NEWS: ["2026-03-01"],
        LinkKey("docs", "bob"): ["2026-03-01"],
    }


def test_nothing_comes_to_nothing() -> None:
    assert tally([]) == merge([]) == {}
    assert totals({}) == Totals(0, 0)


def test_totals_are_the_sums_of_the_hours() -> None:
    assert totals({"h00": 2, "h23": 3, "b07": 4, "c:CH": 5, "clicks": 100}) == Totals(5, 4)


def test_no_two_counters_have_the_same_name() -> None:
    person = counters_of(make_click(visitor=PERSON._replace(country="x", device="x", browser="x", os="x")))
    assert len(set(person)) == 7
    assert len({*HOURS, *BOT_HOURS}) == 48
    assert len(set(PREFIXES.values())) == len(PREFIXES) == 6


@UNTIMED
@given(CLICKS)
def test_sums_are_what_counting_one_by_one_comes_to(clicks: list[Click]) -> None:
    expected = Counter(
        (click.short_code, click.user_id, f"{click.occurred_at:%Y-%m-%d}", counter)
        for click in clicks
        for counter in counters_of(click)
    )
    assert {
        (*key, day, counter): number
        for key, days in tally(clicks).items()
        for day, counts in days.items()
        for counter, number in counts.items()
    } == expected


@UNTIMED
@given(CLICKS)
def test_each_dimension_sums_up_to_the_people(clicks: list[Click]) -> None:
    for days in tally(clicks).values():
        for counts in days.values():
            people = totals(counts).clicks
            for prefix in PREFIXES.values():
                assert sum(n for name, n in counts.items() if name.startswith(f"{prefix}:")) == people


@UNTIMED
@given(CLICKS, st.integers(0, 30), st.integers(0, 30))
def test_merging_parts_is_summing_up_the_whole(clicks: list[Click], one: int, other: int) -> None:
    first, last = sorted((one, other))
    parts = [tally(clicks[:first]), tally(clicks[first:last]), tally(clicks[last:])]
    assert merge(parts) == merge(reversed(parts)) == tally(clicks)


@UNTIMED
@given(CLICKS, CLICKS)
def test_merging_leaves_what_it_was_given(one: list[Click], other: list[Click]) -> None:
    parts = [tally(one), tally(other)]
    merge(parts)
    assert parts == [tally(one), tally(other)]
