from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.periods import (
    MAX_DAYS,
    MAX_HOURLY_DAYS,
    DayRange,
    Interval,
    Period,
    PeriodRequest,
    parse_period,
)
from analytics.domain.statistics import MAX_VALUES, Clicks, DayCounts, Summary, is_counter
from hopcount_shared.errors import InvalidInputError

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ZONES = [
    "UTC",
    "Europe/Zurich",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Pacific/Pago_Pago",
    "Africa/Cairo",
    "Asia/Beirut",
]


def period(first: str, last: str, zone: str = "UTC", interval: str = "day") -> Period:
    return parse_period(PeriodRequest(first, last, zone, interval), NOW)


def wrong_fields(request: PeriodRequest) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        parse_period(request, NOW)
    return [error.field for error in caught.value.errors]


class TestPeriod:
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
        self, first: str | None, last: str | None, expected: tuple[str, str]
    ) -> None:
        days = parse_period(PeriodRequest(first, last), NOW).days
        assert (days.first.isoformat(), days.last.isoformat()) == expected

    @pytest.mark.parametrize("interval", ["day", "hour"])
    def test_the_default_is_thirty_days_that_end_today(self, interval: str) -> None:
        days = parse_period(PeriodRequest(interval=interval), NOW).days.days
        assert (len(days), days[-1]) == (30, TODAY)

    @pytest.mark.parametrize(
        ("zone", "today"),
        [("Pacific/Kiritimati", "2026-03-02"), ("Pacific/Pago_Pago", "2026-03-01"), ("UTC", "2026-03-01")],
    )
    def test_today_is_the_zones(self, zone: str, today: str) -> None:
        assert str(parse_period(PeriodRequest(zone=zone), NOW).days.last) == today

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
        self, first: str | None, last: str | None, fields: list[str]
    ) -> None:
        assert wrong_fields(PeriodRequest(first, last)) == fields

    @pytest.mark.parametrize(
        "zone",
        [
            "",
            "utc",
            "europe/zurich",
            "Europe/Atlantis",
            "Europe/Zurich\n",
            "Europe",
            "localtime",
            "posix/Europe/Zurich",
            "+02:00",
            "../../../etc/passwd",
            "/etc/localtime",
            "Europe/../Europe/Zurich",
            "\x00",
            "\ud800",
            "x" * 10_000,
        ],
    )
    def test_what_is_no_zone_is_named(self, zone: str) -> None:
        assert wrong_fields(PeriodRequest(zone=zone)) == ["tz"]

    @pytest.mark.parametrize("interval", ["", "week", "Day", "days", "HOUR"])
    def test_what_is_no_interval_is_named(self, interval: str) -> None:
        assert wrong_fields(PeriodRequest(interval=interval)) == ["interval"]

    def test_everything_wrong_is_named_at_once(self) -> None:
        assert wrong_fields(PeriodRequest("x", "y", "z", "w")) == ["to", "from", "tz", "interval"]

    def test_hours_are_told_of_thirty_one_days_at_most(self) -> None:
        assert len(period("2026-01-01", "2026-01-31", interval="hour").days.days) == MAX_HOURLY_DAYS
        assert wrong_fields(PeriodRequest("2026-01-01", "2026-02-01", interval="hour")) == ["from"]

    def test_a_year_reaches_into_one_more_utc_day_on_either_side_unless_it_is_utc(self) -> None:
        assert period("2024-01-01", "2024-12-31").utc_days == DayRange(date(2024, 1, 1), date(2024, 12, 31))
        zoned = period("2024-01-01", "2024-12-31", "Europe/Zurich")
        assert zoned.utc_days == DayRange(date(2023, 12, 31), date(2025, 1, 1))
        assert len(zoned.utc_days.days) == MAX_DAYS + 2

    @pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Cairo"])
    @pytest.mark.parametrize("interval", ["day", "hour"])
    @pytest.mark.parametrize("days", [("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")])
    def test_the_first_and_the_last_days_that_there_are_can_be_asked_for(
        self, zone: str, interval: str, days: tuple[str, str]
    ) -> None:
        asked = period(*days, zone, interval)
        summary = Summary(asked)
        summary.add({day: {"clicks": 1, "h00": 1} for day in asked.utc_days.days})
        if interval == "day":
            assert [entry.at.isoformat() for entry in summary.series] == list(days)


class TestExactness:
    @pytest.mark.parametrize(
        ("zone", "first", "last", "is_exact"),
        [
            ("UTC", "2026-01-01", "2026-12-31", True),
            ("Europe/Zurich", "2026-01-01", "2026-12-31", True),
            ("Pacific/Kiritimati", "2026-01-01", "2026-12-31", True),
            ("Asia/Kolkata", "2026-01-01", "2026-01-01", False),
            ("America/St_Johns", "2026-01-01", "2026-01-01", False),
            # Half an hour of summer time makes Lord Howe's offset a whole 11 hours.
            ("Australia/Lord_Howe", "2026-01-01", "2026-01-31", True),
            ("Australia/Lord_Howe", "2026-06-01", "2026-06-30", False),
            ("Australia/Lord_Howe", "2026-01-01", "2026-12-31", False),
        ],
    )
    @pytest.mark.parametrize("interval", ["day", "hour"])
    def test_a_zone_is_exact_while_its_offset_is_whole_hours(
        self, zone: str, first: str, last: str, interval: str, is_exact: bool
    ) -> None:
        days = DayRange(date.fromisoformat(first), date.fromisoformat(last))
        assert Period(days, ZoneInfo(zone), Interval(interval)).is_exact is is_exact


def people_by_hour(first: date, last: date) -> st.SearchStrategy[dict[tuple[date, int], tuple[int, int]]]:
    """Draw people and machines of some UTC hours around a range."""
    around = st.dates(first - timedelta(days=2), last + timedelta(days=2))
    numbers = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))
    return st.dictionaries(st.tuples(around, st.integers(0, 23)), numbers, max_size=60)


def rows_of(hours: Mapping[tuple[date, int], tuple[int, int]]) -> dict[date, DayCounts]:
    """Write the rows that such hours make."""
    rows: dict[date, Counter[str]] = {}
    for (day, hour), (people, bots) in hours.items():
        row = rows.setdefault(day, Counter())
        row.update({f"h{hour:02}": people, f"b{hour:02}": bots, "clicks": people, "botClicks": bots})
    return dict(rows)


class TestSeries:
    @settings(deadline=None)
    @given(st.sampled_from(ZONES), st.sampled_from(Interval), st.data())
    def test_has_every_local_day_or_hour_once_and_sums_up_to_the_hours_in_between(
        self, zone: str, interval: Interval, data: st.DataObject
    ) -> None:
        first = data.draw(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
        last = first + timedelta(days=data.draw(st.integers(0, 20)))
        asked = Period(DayRange(first, last), ZoneInfo(zone), interval)
        hours = data.draw(people_by_hour(first, last))
        summary = Summary(asked)
        added = summary.add(rows_of(hours))

        begins = datetime.combine(first, time(), asked.zone).astimezone(UTC)
        ends = datetime.combine(last + timedelta(days=1), time(), asked.zone).astimezone(UTC)
        inside = [
            Clicks(people, bots)
            for (day, hour), (people, bots) in hours.items()
            if begins <= datetime.combine(day, time(hour), UTC) < ends
        ]
        series = summary.series
        assert sum((entry.counts for entry in series), Clicks()) == sum(inside, Clicks())
        assert summary.in_period == added == sum(inside, Clicks())
        if interval is Interval.DAY:
            assert [entry.at for entry in series] == asked.days.days
        else:
            moments = [datetime.fromisoformat(entry.at.isoformat()).astimezone(UTC) for entry in series]
            assert all(b - a == timedelta(hours=1) for a, b in pairwise(moments))
            assert timedelta(0) <= moments[0] - begins < timedelta(hours=1)
            assert timedelta(0) < ends - moments[-1] <= timedelta(hours=1)

    @settings(deadline=None)
    @given(st.sampled_from(ZONES), st.data())
    def test_the_hours_of_a_day_sum_up_to_the_day(self, zone: str, data: st.DataObject) -> None:
        first = data.draw(st.dates(date(2026, 1, 1), date(2026, 12, 20)))
        days = DayRange(first, first + timedelta(days=3))
        rows = rows_of(data.draw(people_by_hour(days.first, days.last)))
        daily, hourly = (Summary(Period(days, ZoneInfo(zone), interval)) for interval in Interval)
        daily.add(rows)
        hourly.add(rows)
        by_day: dict[str, Clicks] = {day.isoformat(): Clicks() for day in days.days}
        for entry in hourly.series:
            by_day[entry.at.isoformat()[:10]] += entry.counts
        assert by_day == {entry.at.isoformat(): entry.counts for entry in daily.series}

    @settings(deadline=None)
    @given(st.sampled_from(ZONES), st.sampled_from(Interval), st.data())
    def test_several_links_add_up(self, zone: str, interval: Interval, data: st.DataObject) -> None:
        asked = Period(DayRange(date(2026, 3, 27), date(2026, 3, 30)), ZoneInfo(zone), interval)
        links = [rows_of(data.draw(people_by_hour(asked.days.first, asked.days.last))) for _ in range(3)]
        together = Summary(asked)
        added = [together.add(rows) for rows in links]
        alone = [Summary(asked) for _ in links]
        assert added == [summary.add(rows) for summary, rows in zip(alone, links, strict=True)]
        for entry, *others in zip(together.series, *(summary.series for summary in alone), strict=True):
            assert entry.counts == sum((other.counts for other in others), Clicks())

    def test_utc_days_are_the_rows_own_sums(self) -> None:
        """A row of the former engine has no machines, and its hours may be fewer than its clicks."""
        summary = Summary(period("2026-02-28", "2026-03-02"))
        summary.add({date(2026, 3, 1): {"clicks": 5, "h13": 4}, date(2026, 3, 3): {"clicks": 9}})
        assert [(str(entry.at), entry.counts) for entry in summary.series] == [
            ("2026-02-28", Clicks()),
            ("2026-03-01", Clicks(5)),
            ("2026-03-02", Clicks()),
        ]

    def test_a_leap_day_is_a_day(self) -> None:
        summary = Summary(period("2024-02-28", "2024-03-01"))
        summary.add({date(2024, 2, 29): {"clicks": 3, "botClicks": 1}})
        assert [(str(entry.at), entry.counts) for entry in summary.series] == [
            ("2024-02-28", Clicks()),
            ("2024-02-29", Clicks(3, 1)),
            ("2024-03-01", Clicks()),
        ]

    @pytest.mark.parametrize(
        ("zone", "moment", "day"),
        [
            ("Pacific/Kiritimati", "2026-02-28T09", "2026-02-28"),
            ("Pacific/Kiritimati", "2026-02-28T10", "2026-03-01"),
            ("Pacific/Kiritimati", "2026-03-01T09", "2026-03-01"),
            ("America/New_York", "2026-03-01T04", "2026-02-28"),
            ("America/New_York", "2026-03-01T05", "2026-03-01"),
            # The hour from 18:00 on begins at 23:30, so all of it is that day's.
            ("Asia/Kolkata", "2026-03-01T18", "2026-03-01"),
            ("Asia/Kolkata", "2026-03-01T19", "2026-03-02"),
            ("America/St_Johns", "2026-03-02T03", "2026-03-01"),
            ("America/St_Johns", "2026-03-02T04", "2026-03-02"),
        ],
    )
    def test_an_hour_is_of_the_local_day_in_which_it_begins(self, zone: str, moment: str, day: str) -> None:
        utc_day, _, hour = moment.partition("T")
        summary = Summary(period("2026-02-27", "2026-03-03", zone))
        summary.add({date.fromisoformat(utc_day): {"clicks": 1, f"h{hour}": 1}})
        assert [str(entry.at) for entry in summary.series if entry.counts == Clicks(1)] == [day]


class TestHours:
    def hours(self, day: str, zone: str) -> list[str]:
        return [entry.at.isoformat() for entry in Summary(period(day, day, zone, "hour")).series]

    def test_a_day_in_utc_has_twenty_four(self) -> None:
        assert self.hours("2026-03-29", "UTC") == [f"2026-03-29T{hour:02}:00:00+00:00" for hour in range(24)]

    def test_the_hour_that_a_zone_leaves_out_is_left_out(self) -> None:
        hours = self.hours("2026-03-29", "Europe/Zurich")
        assert len(hours) == 23
        assert hours[:3] == [
            "2026-03-29T00:00:00+01:00",
            "2026-03-29T01:00:00+01:00",
            "2026-03-29T03:00:00+02:00",
        ]

    def test_the_hour_that_a_zone_has_twice_is_there_twice_with_its_own_clicks(self) -> None:
        summary = Summary(period("2026-10-25", "2026-10-25", "Europe/Zurich", "hour"))
        summary.add({date(2026, 10, 25): {"h00": 1, "h01": 2, "b01": 3}})
        series = [(entry.at.isoformat(), entry.counts) for entry in summary.series]
        assert len(dict(series)) == 25
        assert series[2:4] == [
            ("2026-10-25T02:00:00+02:00", Clicks(1)),
            ("2026-10-25T02:00:00+01:00", Clicks(2, 3)),
        ]

    def test_half_an_hour_of_summer_time_counts_whole_hours(self) -> None:
        assert len(self.hours("2026-04-05", "Australia/Lord_Howe")) == 25
        assert self.hours("2026-04-05", "Australia/Lord_Howe")[1:4] == [
            "2026-04-05T01:00:00+11:00",
            "2026-04-05T01:30:00+10:30",
            "2026-04-05T02:30:00+10:30",
        ]
        assert len(self.hours("2026-10-04", "Australia/Lord_Howe")) == 23
        assert self.hours("2026-10-04", "Australia/Lord_Howe")[:3] == [
            "2026-10-04T00:30:00+10:30",
            "2026-10-04T01:30:00+10:30",
            "2026-10-04T03:00:00+11:00",
        ]

    def test_a_zone_of_half_hours_says_when_the_counted_hours_begin(self) -> None:
        hours = self.hours("2026-03-01", "Asia/Kolkata")
        assert (len(hours), hours[0], hours[-1]) == (
            24,
            "2026-03-01T00:30:00+05:30",
            "2026-03-01T23:30:00+05:30",
        )


class TestBreakdowns:
    def breakdowns(self, *rows: DayCounts, zone: str = "UTC") -> Mapping[str, Mapping[str, int]]:
        summary = Summary(period("2026-02-01", "2026-02-28", zone))
        summary.add({date(2026, 2, 1) + timedelta(days=n): row for n, row in enumerate(rows)})
        return summary.breakdowns

    def test_every_dimension_is_there(self) -> None:
        assert self.breakdowns() == {
            "country": {},
            "device": {},
            "browser": {},
            "os": {},
            "referrer": {},
            "language": {},
        }

    def test_days_are_summed_and_the_most_come_first_but_other_last(self) -> None:
        found = self.breakdowns(
            {"clicks": 9, "c:CH": 2, "c:other": 5, "c:DE": 2},
            {"clicks": 9, "c:CH": 1, "c:AT": 4, "c:other": 2, "c:FR": 0, "r:localhost:8080": 1},
        )
        assert list(found["country"].items()) == [("AT", 4), ("CH", 3), ("DE", 2), ("other", 7)]
        assert found["referrer"] == {"localhost:8080": 1}

    def test_only_the_utc_days_that_are_named_count(self) -> None:
        summary = Summary(period("2026-02-02", "2026-02-02", "Pacific/Kiritimati"))
        summary.add({date(2026, 2, day): {"h12": 1, f"c:D{day}": 1} for day in (1, 2, 3)})
        assert summary.breakdowns["country"] == {"D2": 1}
        assert summary.in_period == Clicks(1)

    def test_what_is_more_than_can_be_told_apart_is_other_and_nothing_is_lost(self) -> None:
        rows = {f"r:site{n:04}": MAX_VALUES * 2 - n for n in range(MAX_VALUES + 50)}
        found = self.breakdowns({**rows, "r:other": 3})["referrer"]
        assert len(found) == MAX_VALUES + 1
        assert next(iter(found)) == "site0000"
        assert list(found)[-1] == "other"
        assert sum(found.values()) == sum(rows.values()) + 3

    @pytest.mark.parametrize(
        "name", ["clicks", "botClicks", "h00", "h23", "b00", "b23", "c:CH", "r:a:b", "l:"]
    )
    def test_counters(self, name: str) -> None:
        assert is_counter(name)

    @pytest.mark.parametrize(
        "name",
        [
            "shortCode",
            "date",
            "v",
            "by",
            "ttl",
            "erasedAt",
            "epoch_abc",
            "epoch_c",
            "h24",
            "b",
            "c",
            "x:1",
            "",
        ],
    )
    def test_what_is_none(self, name: str) -> None:
        assert not is_counter(name)
