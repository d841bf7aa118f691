import threading
from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from services.analytics.tests.stats_support import NOW, FakeStatistics, FakeWorld

from analytics.domain.periods import DayRange, PeriodRequest
from analytics.domain.statistics import AccountStatistics, Clicks, DayCounts, Link, LinkClicks
from analytics.statistics_service import LINKS_PER_READ, MAX_LINKS_IN_SERIES, StatisticsService
from hopcount_shared.errors import InvalidInputError, NotFoundError

LAST_30_DAYS = PeriodRequest()
NO_PERIOD = PeriodRequest("2026-03-02", "2026-03-01")


def service(world: FakeWorld) -> StatisticsService:
    return StatisticsService(world.repository, lambda: NOW)


class TestGetLinkStats:
    @pytest.fixture
    def world(self) -> FakeWorld:
        world = FakeWorld()
        world.add_link("docs", "ann", 12, 3)
        world.add_day("docs", "2026-02-28", clicks=2, botClicks=1, h23=2, b03=1)
        world.add_day("docs", "2026-01-30", clicks=5, h23=5)
        return world

    def test_period_and_all_time_are_told_apart(self, world: FakeWorld) -> None:
        statistics = service(world).get_link_stats("ann", "docs", LAST_30_DAYS)
        assert statistics.link == Link("docs", "ann", Clicks(12, 3))
        assert statistics.summary.period.days == DayRange(date(2026, 1, 31), date(2026, 3, 1))
        assert statistics.summary.in_period == Clicks(2, 1)
        assert len(statistics.summary.series) == 30

    def test_a_zone_takes_the_hours_of_the_days_around(self, world: FakeWorld) -> None:
        request = PeriodRequest("2026-01-31", "2026-02-28", "Europe/Zurich")
        statistics = service(world).get_link_stats("ann", "docs", request)
        assert statistics.summary.in_period == Clicks(5, 1)

    @pytest.mark.parametrize(("user", "code"), [("bob", "docs"), ("ann", "nope"), ("", "docs")])
    def test_somebody_elses_link_is_as_missing_as_none(self, world: FakeWorld, user: str, code: str) -> None:
        with pytest.raises(NotFoundError, match=r"^no such link$"):
            service(world).get_link_stats(user, code, LAST_30_DAYS)

    @pytest.mark.parametrize("code", ["", "x" * 65, "a/b", "docs\n", "d\u00f6cs", "\x00\x00\x00"])
    def test_a_code_that_no_link_can_have_is_not_looked_up(self, world: FakeWorld, code: str) -> None:
        with pytest.raises(NotFoundError):
            service(world).get_link_stats("ann", code, LAST_30_DAYS)
        assert world.fake.reads == []

    def test_what_makes_no_period_is_not_looked_up(self, world: FakeWorld) -> None:
        with pytest.raises(InvalidInputError):
            service(world).get_link_stats("ann", "docs", NO_PERIOD)
        assert world.fake.reads == []

    def test_link_and_days_are_read_at_once(self, world: FakeWorld) -> None:
        both = threading.Barrier(2, timeout=10)  # breaks unless two reads are under way at the same time

        class Together(FakeStatistics):
            def find_link(self, short_code: str) -> Link | None:
                both.wait()
                return super().find_link(short_code)

            def find_days(self, short_code: str, days: DayRange) -> Mapping[date, DayCounts]:
                both.wait()
                return super().find_days(short_code, days)

        repository = Together()
        repository.links = world.fake.links
        statistics = service(FakeWorld(repository)).get_link_stats("ann", "docs", LAST_30_DAYS)
        assert statistics.link.all_time == Clicks(12, 3)

    def test_an_error_in_either_read_is_the_callers(self, world: FakeWorld) -> None:
        repository = Unreadable()
        repository.links = world.fake.links
        with pytest.raises(TimeoutError, match="docs"):
            service(FakeWorld(repository)).get_link_stats("ann", "docs", LAST_30_DAYS)


class Unreadable(FakeStatistics):
    """Does not get to the days."""

    def find_days(self, short_code: str, days: DayRange) -> Mapping[date, DayCounts]:
        raise TimeoutError(short_code)


def account(
    world: FakeWorld, request: PeriodRequest = LAST_30_DAYS, top: int = 10, seconds: float = 10
) -> AccountStatistics:
    return service(world).get_account_stats("ann", request, top, lambda: seconds)


class TestGetAccountStats:
    @pytest.fixture
    def world(self) -> FakeWorld:
        world = FakeWorld()
        world.add_link("docs", "ann", 12, 3)
        world.add_day("docs", "2026-02-28", **{"clicks": 2, "botClicks": 1, "c:CH": 2})
        world.add_day("docs", "2026-01-30", clicks=10, botClicks=2)
        world.add_link("blog", "ann", 5)
        world.add_day("blog", "2026-02-28", **{"clicks": 5, "c:CH": 1, "c:AT": 4})
        world.add_link("trash", "ann", 40, 4, deleted=True)
        world.add_day("trash", "2026-03-01", clicks=40, botClicks=4)
        world.add_link("new", "ann")
        world.add_link("bots", "ann", 0, 6)
        world.add_day("bots", "2026-03-01", botClicks=6)
        world.add_link("other", "bob", 100)
        world.add_day("other", "2026-03-01", clicks=100)
        return world

    def test_every_link_ever_had_counts_and_nobody_elses(self, world: FakeWorld) -> None:
        statistics = account(world)
        assert (statistics.links, statistics.followed, statistics.in_series) == (5, 4, 4)
        assert statistics.all_time == Clicks(12 + 5 + 40, 3 + 4 + 6)
        assert statistics.summary.in_period == Clicks(2 + 5 + 40, 1 + 4 + 6)
        assert [entry.counts for entry in statistics.summary.series[-2:]] == [Clicks(7, 1), Clicks(40, 10)]
        assert statistics.summary.breakdowns["country"] == {"AT": 4, "CH": 3}

    def test_the_top_are_links_that_are_there_by_people_in_the_period(self, world: FakeWorld) -> None:
        world.add_link("also", "ann", 5)
        world.add_day("also", "2026-02-28", clicks=5)
        assert account(world).top == [
            LinkClicks("also", Clicks(5)),
            LinkClicks("blog", Clicks(5)),
            LinkClicks("docs", Clicks(2, 1)),
            LinkClicks("bots", Clicks(0, 6)),
        ]
        assert [link.short_code for link in account(world, top=1).top] == ["also"]

    def test_a_link_not_followed_in_the_period_is_not_at_the_top(self, world: FakeWorld) -> None:
        statistics = account(world, PeriodRequest("2026-01-29", "2026-01-31"))
        assert statistics.top == [LinkClicks("docs", Clicks(10, 2))]
        assert statistics.in_series == 4

    def test_days_of_links_that_were_never_followed_are_not_read(self, world: FakeWorld) -> None:
        account(world)
        assert "days of docs" in world.fake.reads
        assert "days of new" not in world.fake.reads

    def test_nobody_with_links_gets_zeros(self) -> None:
        statistics = account(FakeWorld())
        assert (statistics.links, statistics.followed, statistics.in_series) == (0, 0, 0)
        assert (statistics.all_time, statistics.top, len(statistics.summary.series)) == (Clicks(), [], 30)

    def test_links_are_read_by_the_hundred(self) -> None:
        world, sizes = FakeWorld(), []

        class Measured(FakeStatistics):
            def find_links(self, short_codes: Sequence[str]) -> Sequence[Link]:
                sizes.append(len(short_codes))
                return super().find_links(short_codes)

        world = FakeWorld(Measured())
        for n in range(250):
            world.add_link(f"link{n}")
        assert account(world).links == 250
        assert sorted(sizes) == [50, LINKS_PER_READ, LINKS_PER_READ]

    def test_the_series_covers_those_followed_most_and_says_how_many(self) -> None:
        world = FakeWorld()
        for n in range(MAX_LINKS_IN_SERIES + 3):
            world.add_link(f"link{n:04}", "ann", 1 + n % 2, n % 2)
            world.add_day(f"link{n:04}", "2026-03-01", clicks=1 + n % 2, botClicks=n % 2)
        statistics = account(world)
        # The three that are left out have one click each.
        odd = (MAX_LINKS_IN_SERIES + 3) // 2
        even = MAX_LINKS_IN_SERIES - odd
        assert (statistics.links, statistics.followed) == (1003, 1003)
        assert statistics.in_series == MAX_LINKS_IN_SERIES
        assert statistics.summary.in_period == Clicks(2 * odd + even, odd)
        assert statistics.all_time == Clicks(2 * odd + even + 3, odd)

    def test_without_time_the_totals_are_whole_and_the_series_says_what_it_lacks(
        self, world: FakeWorld
    ) -> None:
        statistics = account(world, seconds=0)
        assert (statistics.links, statistics.followed, statistics.in_series) == (5, 4, 0)
        assert statistics.all_time == Clicks(57, 13)
        assert (statistics.summary.in_period, statistics.top) == (Clicks(), [])

    def test_when_time_runs_out_those_followed_most_are_in_the_series(self) -> None:
        world = FakeWorld()
        for n in range(100):
            world.add_link(f"link{n:03}", "ann", n + 1)
            world.add_day(f"link{n:03}", "2026-03-01", clicks=n + 1)
        seconds = iter([1.0, 0.0])
        statistics = service(world).get_account_stats("ann", LAST_30_DAYS, 10, lambda: next(seconds))
        assert 0 < statistics.in_series < 100
        covered = range(101 - statistics.in_series, 101)
        assert statistics.summary.in_period == Clicks(sum(covered))
        assert statistics.top[0] == LinkClicks("link099", Clicks(100))

    def test_what_makes_no_period_is_not_looked_up(self, world: FakeWorld) -> None:
        with pytest.raises(InvalidInputError):
            account(world, NO_PERIOD)
        assert world.fake.reads == []

    def test_an_error_in_any_read_is_the_callers(self, world: FakeWorld) -> None:
        repository = Unreadable()
        repository.links = world.fake.links
        with pytest.raises(TimeoutError):
            account(FakeWorld(repository))
