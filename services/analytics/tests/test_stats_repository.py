from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from services.analytics.tests.stats_support import SETTINGS, DynamoWorld, FakeWorld, World, dynamo_world

from analytics.domain.periods import DayRange, PeriodRequest, parse_period
from analytics.domain.statistics import Clicks, Link
from analytics.repository import DynamoDbStatistics
from hopcount_shared.errors import UnavailableError
from hopcount_shared.times import utc_now

FEBRUARY = DayRange(date(2024, 2, 1), date(2024, 2, 29))


@pytest.fixture
def real() -> Iterator[DynamoWorld]:
    with dynamo_world() as world:
        yield world


@pytest.fixture(params=["fake", "dynamodb"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        return FakeWorld()
    world: DynamoWorld = request.getfixturevalue("real")
    return world


class TestStatisticsRepository:
    def test_a_link_is_its_owner_and_its_counters(self, world: World) -> None:
        world.add_link("docs", "ann", 7, 2)
        assert world.repository.find_link("docs") == Link("docs", "ann", Clicks(7, 2))

    def test_a_link_that_is_missing_deleted_or_erased_is_not_found(self, world: World) -> None:
        world.add_link("docs", clicks=7, deleted=True)
        world.add_link("gone", clicks=7)
        world.erase_link("gone")
        assert world.repository.find_link("docs") is None
        assert world.repository.find_link("gone") is None
        assert world.repository.find_link("nope") is None

    def test_days_are_those_of_the_link_within_the_range_ends_included(self, world: World) -> None:
        for day in ("2024-01-31", "2024-02-01", "2024-02-14", "2024-02-29", "2024-03-01"):
            world.add_day("docs", day, clicks=3)
        world.add_day("docs2", "2024-02-02", clicks=9)
        assert world.repository.find_days("docs", FEBRUARY) == {
            date(2024, 2, 1): {"clicks": 3},
            date(2024, 2, 14): {"clicks": 3},
            date(2024, 2, 29): {"clicks": 3},
        }

    def test_a_day_is_all_of_its_counters_and_nothing_else(self, world: World) -> None:
        counters = {
            "clicks": 3,
            "botClicks": 2,
            "h00": 3,
            "b23": 2,
            "c:CH": 3,
            "r:localhost:8080": 1,
            "l:other": 2,
        }
        world.add_day("docs", "2024-02-01", **counters)
        assert world.repository.find_days("docs", FEBRUARY) == {date(2024, 2, 1): counters}

    def test_an_owners_links_are_those_that_are_there_and_those_deleted(self, world: World) -> None:
        world.add_link("one", clicks=1)
        world.add_link("two", deleted=True)
        world.add_link("three", "bob")
        world.add_link("four")
        world.add_link("gone")
        world.erase_link("gone")
        assert sorted(world.repository.find_link_codes("ann")) == ["four", "one", "two"]
        assert world.repository.find_link_codes("carol") == []

    def test_links_are_read_together_deleted_or_not(self, world: World) -> None:
        world.add_link("one", "ann", 1, 2)
        world.add_link("two", "bob", 3, deleted=True)
        world.add_link("gone")
        world.erase_link("gone")
        found = world.repository.find_links(["one", "two", "gone", "nope"])
        assert sorted(found, key=lambda link: link.short_code) == [
            Link("one", "ann", Clicks(1, 2)),
            Link("two", "bob", Clicks(3), deleted=True),
        ]


def full_day() -> dict[str, int]:
    """Return counters that make a row of some 2,700 bytes: few with long names, for moto takes its time.

    A page of moto is 1,000,000 bytes, a little less than DynamoDB's.
    """
    referrers = {f"r:{n}".ljust(257, "x"): 123_456 for n in range(10)}
    return {"clicks": 123_456, "h13": 123_456, **referrers}


class TestCost:
    def test_a_year_of_full_rows_is_one_query_whatever_the_zone(self, real: DynamoWorld) -> None:
        period = parse_period(PeriodRequest("2024-01-01", "2024-12-31", "Europe/Zurich"), utc_now())
        counters = full_day()
        for day in period.utc_days.days:
            real.add_day("docs", day.isoformat(), **counters)
        queries = real.requests_of("Query")
        days = real.repository.find_days("docs", period.utc_days)
        assert len(days) == 368
        assert all(found == counters for found in days.values())
        assert len(queries) == 1

    def test_what_is_more_than_a_page_is_read_to_its_end(self, real: DynamoWorld) -> None:
        counters = full_day()
        days = DayRange(date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=399))
        for day in days.days:
            real.add_day("docs", day.isoformat(), **counters)
        queries = real.requests_of("Query")
        assert list(real.repository.find_days("docs", days)) == days.days
        assert len(queries) == 2

    def test_a_hundred_links_are_one_request(self, real: DynamoWorld) -> None:
        codes = [f"link{n:03}" for n in range(100)]
        for code in codes:
            real.add_link(code, clicks=1)
        reads = real.requests_of("BatchGetItem")
        assert {link.short_code for link in real.repository.find_links(codes)} == set(codes)
        assert len(reads) == 1

    def test_only_what_the_roles_may_read_is_asked_for(self, real: DynamoWorld) -> None:
        real.add_link("docs", clicks=1)
        asked: list[dict[str, Any]] = []
        for operation in ("GetItem", "BatchGetItem", "Query"):
            real.dynamodb.meta.events.register(
                f"provide-client-params.dynamodb.{operation}", lambda params, **_: asked.append(params)
            )
        real.repository.find_link("docs")
        real.repository.find_links(real.repository.find_link_codes("ann"))
        get, live, deleted, batch = asked
        attributes = "id, userId, clicks, botClicks, deletedAt, erasedAt"
        assert get["ProjectionExpression"] == attributes
        assert batch["RequestItems"][SETTINGS.url_shortener_table]["ProjectionExpression"] == attributes
        assert live["ProjectionExpression"] == deleted["ProjectionExpression"] == "id"


class TestErrors:
    def test_what_dynamodb_refuses_is_its_error(self, real: DynamoWorld) -> None:
        real.dynamodb.delete_table(TableName=SETTINGS.daily_stats_table)
        with pytest.raises(real.dynamodb.exceptions.ResourceNotFoundException):
            real.repository.find_days("docs", FEBRUARY)


class TestUnprocessedKeys:
    def unprocessed(self, real: DynamoWorld, times: int) -> DynamoDbStatistics:
        """Let DynamoDB leave all but the first key unread some times."""
        left = [times]

        def leave(parsed: dict[str, Any], **_: object) -> None:
            table = SETTINGS.url_shortener_table
            items = parsed["Responses"][table]
            if left[0] > 0 and len(items) > 1:
                left[0] -= 1
                keys = [{"id": item["id"]} for item in items[1:]]
                projection = "id, userId, clicks, botClicks, deletedAt, erasedAt"
                parsed["UnprocessedKeys"] = {table: {"Keys": keys, "ProjectionExpression": projection}}
                del items[1:]

        real.dynamodb.meta.events.register("after-call.dynamodb.BatchGetItem", leave)
        self.waits: list[float] = []
        return DynamoDbStatistics(
            real.dynamodb, SETTINGS, sleep=self.waits.append, jitter=lambda _, longest: longest
        )

    def test_are_asked_for_again_after_a_while(self, real: DynamoWorld) -> None:
        codes = ["one", "two", "three", "four"]
        for code in codes:
            real.add_link(code)
        found = self.unprocessed(real, 2).find_links(codes)
        assert sorted(link.short_code for link in found) == sorted(codes)
        assert self.waits == [0.1, 0.2]

    def test_are_given_up_at_last_and_nothing_is_reported(self, real: DynamoWorld) -> None:
        codes = [f"link{n}" for n in range(12)]
        for code in codes:
            real.add_link(code)
        with pytest.raises(UnavailableError):
            self.unprocessed(real, 99).find_links(codes)
        assert len(self.waits) == 5
