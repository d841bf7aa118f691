import threading
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Protocol

import pytest
from services.analytics.tests.support import NOW, TABLES, DynamoWorld, dynamo_world

from analytics.domain.statistics import Clicks, DayRange, Link
from analytics.repository import DynamoDbStatistics
from analytics.service import StatisticsRepository, StatisticsService
from analytics.settings import StatsSettings
from hopcount_shared.errors import InvalidInputError, NotFoundError

FEBRUARY = DayRange(date(2024, 2, 1), date(2024, 2, 29))


class World(Protocol):
    repository: StatisticsRepository

    def add_link(self, short_code: str, owner: str, clicks: int) -> None: ...
    def delete_link(self, short_code: str) -> None: ...
    def add_day(self, short_code: str, day: str, clicks: int, bot_clicks: int) -> None: ...


class FakeStatistics:
    def __init__(self) -> None:
        self.links: dict[str, Link] = {}
        self.days: dict[tuple[str, date], Clicks] = {}
        self.reads: list[str] = []

    def find_link(self, short_code: str) -> Link | None:
        self.reads.append("link")
        return self.links.get(short_code)

    def find_days(self, short_code: str, days: DayRange) -> Mapping[date, Clicks]:
        self.reads.append("days")
        return {
            day: clicks
            for (code, day), clicks in self.days.items()
            if code == short_code and days.first <= day <= days.last
        }


class FakeWorld:
    def __init__(self) -> None:
        self.fake = FakeStatistics()
        self.repository: StatisticsRepository = self.fake

    def add_link(self, short_code: str, owner: str, clicks: int) -> None:
        self.fake.links[short_code] = Link(owner, Clicks(clicks))

    def delete_link(self, short_code: str) -> None:
        del self.fake.links[short_code]

    def add_day(self, short_code: str, day: str, clicks: int, bot_clicks: int) -> None:
        self.fake.days[short_code, date.fromisoformat(day)] = Clicks(clicks, bot_clicks)


class RealWorld:
    def __init__(self, world: DynamoWorld) -> None:
        self._world = world
        settings = StatsSettings(
            daily_stats_table=TABLES["DAILY_STATS_TABLE"], url_shortener_table=TABLES["URL_SHORTENER_TABLE"]
        )
        self.repository: StatisticsRepository = DynamoDbStatistics(world.dynamodb, settings)

    def add_link(self, short_code: str, owner: str, clicks: int) -> None:
        self._world.add_link(short_code, userId={"S": owner}, clicks={"N": str(clicks)})

    def delete_link(self, short_code: str) -> None:
        self._world.add_link(
            short_code, userId={"S": "deleted#ann"}, deletedAt={"S": "2024-03-01T00:00:00.000000Z"}
        )

    def add_day(self, short_code: str, day: str, clicks: int, bot_clicks: int) -> None:
        row = {"shortCode": {"S": short_code}, "date": {"S": day}, "h13": {"N": "1"}}
        numbers = {name: {"N": str(n)} for name, n in (("clicks", clicks), ("botClicks", bot_clicks)) if n}
        self._world.dynamodb.put_item(TableName=TABLES["DAILY_STATS_TABLE"], Item={**row, **numbers})


@pytest.fixture(params=["fake", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    with dynamo_world() as world:
        yield RealWorld(world)


class TestStatisticsRepository:
    def test_a_link_is_its_owner_and_its_counters(self, world: World) -> None:
        world.add_link("docs", "ann", 7)
        assert world.repository.find_link("docs") == Link("ann", Clicks(7))

    def test_a_link_that_is_missing_or_deleted_is_not_found(self, world: World) -> None:
        world.add_link("docs", "ann", 7)
        world.delete_link("docs")
        assert world.repository.find_link("docs") is None
        assert world.repository.find_link("nope") is None

    def test_days_are_those_of_the_link_within_the_range_ends_included(self, world: World) -> None:
        for day in ("2024-01-31", "2024-02-01", "2024-02-14", "2024-02-29", "2024-03-01"):
            world.add_day("docs", day, 3, 0)
        world.add_day("docs2", "2024-02-02", 9, 0)
        assert world.repository.find_days("docs", FEBRUARY) == {
            date(2024, 2, 1): Clicks(3),
            date(2024, 2, 14): Clicks(3),
            date(2024, 2, 29): Clicks(3),
        }

    def test_people_and_machines_are_apart_and_absent_means_none(self, world: World) -> None:
        world.add_day("docs", "2024-02-01", 3, 2)
        world.add_day("docs", "2024-02-02", 0, 5)
        assert world.repository.find_days("docs", FEBRUARY) == {
            date(2024, 2, 1): Clicks(3, 2),
            date(2024, 2, 2): Clicks(0, 5),
        }


def service(repository: StatisticsRepository) -> StatisticsService:
    return StatisticsService(repository, lambda: NOW)


class TestGetLinkStats:
    @pytest.fixture
    def world(self) -> FakeWorld:
        world = FakeWorld()
        world.add_link("docs", "ann", 12)
        world.add_day("docs", "2026-02-28", 2, 1)
        world.add_day("docs", "2026-01-30", 5, 0)
        return world

    def test_range_and_all_time_are_told_apart(self, world: FakeWorld) -> None:
        statistics = service(world.repository).get_link_stats("ann", "docs", None, None)
        assert statistics.range == DayRange(date(2026, 1, 31), date(2026, 3, 1))
        assert (statistics.in_range, statistics.all_time) == (Clicks(2, 1), Clicks(12))
        assert len(statistics.series) == 30

    @pytest.mark.parametrize(("user", "code"), [("bob", "docs"), ("ann", "nope"), ("", "docs")])
    def test_somebody_elses_link_is_as_missing_as_none(self, world: FakeWorld, user: str, code: str) -> None:
        with pytest.raises(NotFoundError, match=r"^no such link$"):
            service(world.repository).get_link_stats(user, code, None, None)

    @pytest.mark.parametrize("code", ["", "ab", "x" * 65, "a/b", "docs\n", "d\u00f6cs", "\x00\x00\x00"])
    def test_a_code_that_no_link_can_have_is_not_looked_up(self, world: FakeWorld, code: str) -> None:
        with pytest.raises(NotFoundError):
            service(world.repository).get_link_stats("ann", code, None, None)
        assert world.fake.reads == []

    def test_days_that_make_no_range_are_not_looked_up(self, world: FakeWorld) -> None:
        with pytest.raises(InvalidInputError):
            service(world.repository).get_link_stats("ann", "docs", "2026-03-02", "2026-03-01")
        assert world.fake.reads == []

    def test_link_and_days_are_read_at_once(self, world: FakeWorld) -> None:
        both = threading.Barrier(2, timeout=10)  # breaks unless two reads are under way at the same time

        class Together(FakeStatistics):
            def find_link(self, short_code: str) -> Link | None:
                both.wait()
                return super().find_link(short_code)

            def find_days(self, short_code: str, days: DayRange) -> Mapping[date, Clicks]:
                both.wait()
                return super().find_days(short_code, days)

        repository = Together()
        repository.links = world.fake.links
        assert service(repository).get_link_stats("ann", "docs", None, None).all_time == Clicks(12)

    def test_an_error_in_either_read_is_the_callers(self, world: FakeWorld) -> None:
        class Broken(FakeStatistics):
            def find_days(self, short_code: str, days: DayRange) -> Mapping[date, Clicks]:
                raise TimeoutError("days")

        repository = Broken()
        repository.links = world.fake.links
        with pytest.raises(TimeoutError, match="days"):
            service(repository).get_link_stats("ann", "docs", None, None)
