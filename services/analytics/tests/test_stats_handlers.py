import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.analytics.tests.stats_support import SETTINGS, Answer, Context, DynamoWorld, ask, dynamo_world

from analytics import bootstrap
from analytics.csv_report import prefers_csv
from analytics.handlers import get_account_stats, get_link_stats
from hopcount_shared.times import utc_now

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PERIOD = "from=2026-02-28&to=2026-03-01"
NO_PEOPLE: dict[str, dict[str, int]] = {
    "country": {},
    "device": {},
    "browser": {},
    "os": {},
    "referrer": {},
    "language": {},
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoWorld]:
    for name, table in SETTINGS.model_dump().items():
        monkeypatch.setenv(name.upper(), table)
    bootstrap.statistics_service.cache_clear()
    with dynamo_world() as world:
        world.add_link("docs", "ann", 9, 4)
        world.add_day("docs", "2026-02-28", clicks=2, botClicks=1, h22=1, h23=1, b05=1)
        world.add_day("docs", "2026-03-01", **{"clicks": 3, "h00": 3, "c:CH": 2, "c:AT": 1, "d:Mobile": 3})
        yield world
    bootstrap.statistics_service.cache_clear()


def link(short_code: str, query: str = "", **how: object) -> Answer:
    return ask(get_link_stats, f"/stats/{short_code}", query, **how)  # type: ignore[arg-type]  # handed on


def account(query: str = "", **how: object) -> Answer:
    return ask(get_account_stats, "/stats", query, **how)  # type: ignore[arg-type]  # handed on


class TestGetLinkStats:
    def test_an_owner_sees_every_day_the_sums_and_who_it_was(self, world: DynamoWorld) -> None:
        answer = link("docs", PERIOD)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert (answer.headers["vary"], answer.headers["cache-control"]) == ("Accept", "no-store")
        expected = {
            "id": "docs",
            "from": "2026-02-28",
            "to": "2026-03-01",
            "tz": "UTC",
            "zoneIsExact": True,
            "interval": "day",
            "clicks": 5,
            "botClicks": 1,
            "totalClicks": 9,
            "totalBotClicks": 4,
            "series": [
                {"date": "2026-02-28", "clicks": 2, "botClicks": 1},
                {"date": "2026-03-01", "clicks": 3, "botClicks": 0},
            ],
            "breakdowns": {**NO_PEOPLE, "country": {"CH": 2, "AT": 1}, "device": {"Mobile": 3}},
        }
        assert answer.text == json.dumps(expected, separators=(",", ":"))

    def test_the_default_is_thirty_days_that_end_today(self, world: DynamoWorld) -> None:
        stats = link("docs").json
        today = utc_now().date()
        assert len(stats["series"]) == 30
        assert stats["from"] == (today - timedelta(days=29)).isoformat()
        assert stats["series"][-1]["date"] == stats["to"] == today.isoformat()

    def test_a_period_leaves_the_totals_of_all_time_alone(self, world: DynamoWorld) -> None:
        stats = link("docs", "from=2024-02-28&to=2024-03-01").json
        assert [day["date"] for day in stats["series"]] == ["2024-02-28", "2024-02-29", "2024-03-01"]
        assert (stats["from"], stats["to"]) == ("2024-02-28", "2024-03-01")
        assert (stats["clicks"], stats["totalClicks"]) == (0, 9)
        assert stats["breakdowns"] == NO_PEOPLE

    def test_a_zone_moves_the_days(self, world: DynamoWorld) -> None:
        stats = link("docs", f"{PERIOD}&tz=Europe/Zurich").json
        assert (stats["tz"], stats["zoneIsExact"]) == ("Europe/Zurich", True)
        assert stats["series"] == [
            {"date": "2026-02-28", "clicks": 1, "botClicks": 1},
            {"date": "2026-03-01", "clicks": 4, "botClicks": 0},
        ]
        assert link("docs", f"{PERIOD}&tz=Asia/Kolkata").json["zoneIsExact"] is False

    def test_hours_carry_their_offset(self, world: DynamoWorld) -> None:
        world.add_day("docs", "2026-03-29", clicks=5, h00=2, h01=3)
        stats = link("docs", "from=2026-03-29&to=2026-03-29&tz=Europe/Zurich&interval=hour").json
        assert (stats["interval"], stats["clicks"], len(stats["series"])) == ("hour", 5, 23)
        assert stats["series"][:3] == [
            {"time": "2026-03-29T00:00:00+01:00", "clicks": 0, "botClicks": 0},
            {"time": "2026-03-29T01:00:00+01:00", "clicks": 2, "botClicks": 0},
            {"time": "2026-03-29T03:00:00+02:00", "clicks": 3, "botClicks": 0},
        ]

    def test_an_erased_day_counts_nothing(self, world: DynamoWorld) -> None:
        erased = {"shortCode": {"S": "docs"}, "date": {"S": "2026-03-01"}, "erasedAt": {"S": "2026-03-02"}}
        marks = {"ttl": {"N": "1800000000"}, "v": {"N": "4"}, "epoch_abc": {"N": "9"}}
        world.dynamodb.put_item(TableName=SETTINGS.daily_stats_table, Item={**erased, **marks})
        stats = link("docs", PERIOD).json
        assert (stats["clicks"], stats["breakdowns"]) == (2, NO_PEOPLE)

    def test_an_id_token_will_do_too(self, world: DynamoWorld) -> None:
        assert link("docs", token_use="id").status == 200

    @pytest.mark.parametrize("short_code", ["nope", "deleted", "trash", "erased", "d", "x" * 65, "%2e%2e"])
    def test_missing_deleted_erased_and_impossible_links_answer_alike(
        self, world: DynamoWorld, short_code: str
    ) -> None:
        world.add_link("deleted", deleted=True)
        world.add_link("trash", "deleted#ann")
        world.add_link("erased")
        world.erase_link("erased")
        assert link(short_code) == link("docs", user="bob")
        assert link(short_code).status == 404

    @pytest.mark.parametrize("short_code", ["a\x00b", "a\r\nb", "a/b", "\ufffd" * 3])
    def test_what_is_no_code_is_not_found(self, world: DynamoWorld, short_code: str) -> None:
        assert link(short_code).status == 404

    def test_nobody_is_not_signed_in(self, world: DynamoWorld) -> None:
        assert link("docs", user=None).status == 401
        assert link("docs", token_use="refresh").status == 401

    def test_no_token_or_address_is_logged(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        link("docs")
        output = "".join(capsys.readouterr())
        assert "StatsRead" in output
        assert "secret" not in output
        assert "192.0.2.1" not in output


class TestGetAccountStats:
    @pytest.fixture
    def world(self, world: DynamoWorld) -> DynamoWorld:
        world.add_link("-blog", "ann", 7)
        world.add_day("-blog", "2026-03-01", **{"clicks": 7, "h12": 7, "c:CH": 7})
        world.add_link("trash", "ann", 20, 1, deleted=True)
        world.add_day("trash", "2026-03-01", clicks=20, botClicks=1, h23=20, b23=1)
        world.add_link("erased", "ann", 50)
        world.erase_link("erased")
        world.add_link("new", "ann")
        world.add_link("other", "bob", 100)
        world.add_day("other", "2026-03-01", clicks=100)
        return world

    def test_an_account_is_all_links_it_ever_had(self, world: DynamoWorld) -> None:
        answer = account(PERIOD)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        expected = {
            "from": "2026-02-28",
            "to": "2026-03-01",
            "tz": "UTC",
            "zoneIsExact": True,
            "interval": "day",
            "links": 4,
            "linksFollowed": 3,
            "linksInSeries": 3,
            "clicks": 32,
            "botClicks": 2,
            "totalClicks": 36,
            "totalBotClicks": 5,
            "top": [
                {"id": "-blog", "clicks": 7, "botClicks": 0},
                {"id": "docs", "clicks": 5, "botClicks": 1},
            ],
            "series": [
                {"date": "2026-02-28", "clicks": 2, "botClicks": 1},
                {"date": "2026-03-01", "clicks": 30, "botClicks": 1},
            ],
            "breakdowns": {**NO_PEOPLE, "country": {"CH": 9, "AT": 1}, "device": {"Mobile": 3}},
        }
        assert answer.text == json.dumps(expected, separators=(",", ":"))

    def test_zone_and_hours_are_the_same_as_for_a_link(self, world: DynamoWorld) -> None:
        stats = account("from=2026-03-02&to=2026-03-02&tz=Asia/Tokyo&interval=hour").json
        assert len(stats["series"]) == 24
        assert stats["series"][8] == {"time": "2026-03-02T08:00:00+09:00", "clicks": 20, "botClicks": 1}
        assert stats["clicks"] == 20

    def test_top_says_how_many(self, world: DynamoWorld) -> None:
        assert [top["id"] for top in account(f"{PERIOD}&top=1").json["top"]] == ["-blog"]

    @pytest.mark.parametrize("top", ["0", "101", "-1", "ten", ""])
    def test_a_wrong_top_is_named(self, world: DynamoWorld, top: str) -> None:
        assert account(f"top={top}").fields == ["top"]

    def test_whoever_has_no_link_sees_zeros(self, world: DynamoWorld) -> None:
        stats = account(user="carol").json
        assert (stats["links"], stats["clicks"], stats["totalClicks"], stats["top"]) == (0, 0, 0, [])
        assert len(stats["series"]) == 30
        assert stats["breakdowns"] == NO_PEOPLE

    def test_when_time_runs_out_the_answer_says_how_many_links_it_covers(self, world: DynamoWorld) -> None:
        stats = account(PERIOD, context=Context(remaining_ms=2_000)).json
        assert (stats["linksFollowed"], stats["linksInSeries"]) == (3, 0)
        assert (stats["clicks"], stats["totalClicks"]) == (0, 36)

    def test_nobody_is_not_signed_in(self, world: DynamoWorld) -> None:
        assert account(user=None).status == 401
        assert account(token_use="refresh").status == 401


@pytest.mark.parametrize("path", ["link", "account"])
class TestPeriod:
    @pytest.mark.parametrize(
        ("query", "fields"),
        [
            ("from=yesterday&to=2024-02-30", ["to", "from"]),
            ("from=2026-03-02&to=2026-03-01", ["from"]),
            ("from=2025-01-01&to=2026-01-02", ["from"]),
            ("from=2026-01-01&to=2026-02-01&interval=hour", ["from"]),
            ("tz=Europe/Atlantis", ["tz"]),
            ("tz=", ["tz"]),
            ("interval=week", ["interval"]),
            ("from=x&tz=y&interval=z", ["from", "tz", "interval"]),
        ],
    )
    def test_wrong_fields_are_named(
        self, world: DynamoWorld, path: str, query: str, fields: list[str]
    ) -> None:
        answer = link("docs", query) if path == "link" else account(query)
        assert answer.fields == fields
        assert answer.json["type"] == "urn:hopcount:problem:invalid-input"

    def test_they_are_also_for_whoever_wants_a_file(self, world: DynamoWorld, path: str) -> None:
        csv_too = {"accept": "text/csv"}
        answer = link("docs", "tz=x", **csv_too) if path == "link" else account("tz=x", **csv_too)
        assert answer.fields == ["tz"]
        assert answer.headers["content-type"] == "application/problem+json"

    def test_a_whole_leap_year_can_be_asked_for(self, world: DynamoWorld, path: str) -> None:
        query = "from=2024-01-01&to=2024-12-31&tz=America/New_York"
        answer = link("docs", query) if path == "link" else account(query)
        assert len(answer.json["series"]) == 366


class TestCsv:
    def test_a_link_is_one_line_for_each_day(self, world: DynamoWorld) -> None:
        answer = link("docs", PERIOD, accept="text/csv")
        assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        assert answer.text == "date,clicks,botClicks\r\n2026-02-28,2,1\r\n2026-03-01,3,0\r\n"
        assert answer.headers["content-disposition"] == (
            'attachment; filename="docs-2026-02-28-2026-03-01.csv"'
        )
        assert (answer.headers["vary"], answer.headers["cache-control"]) == ("Accept", "no-store")

    def test_or_for_each_hour(self, world: DynamoWorld) -> None:
        query = "from=2026-03-01&to=2026-03-01&tz=Europe/Zurich&interval=hour"
        lines = link("docs", query, accept="text/csv").text.splitlines()
        assert len(lines) == 25
        assert lines[:3] == [
            "time,clicks,botClicks",
            "2026-03-01T00:00:00+01:00,1,0",
            "2026-03-01T01:00:00+01:00,3,0",
        ]

    def test_an_account_is_its_series(self, world: DynamoWorld) -> None:
        answer = account(PERIOD, accept="text/csv")
        assert answer.text == "date,clicks,botClicks\r\n2026-02-28,2,1\r\n2026-03-01,3,0\r\n"
        assert answer.headers["content-disposition"] == (
            'attachment; filename="account-2026-02-28-2026-03-01.csv"'
        )

    @pytest.mark.parametrize("code", ["-cmd", "___", "--2"])
    @pytest.mark.parametrize("interval", ["day", "hour"])
    def test_no_cell_can_be_taken_for_a_formula(self, world: DynamoWorld, code: str, interval: str) -> None:
        world.add_link(code, clicks=1)
        world.add_day(
            code, "2026-03-01", **{"clicks": 1, "h01": 1, "r:=cmd|' /C calc'!A0": 1, "l:@SUM(A1)": 1}
        )
        for answer in (
            link(code, f"{PERIOD}&interval={interval}", accept="text/csv"),
            account(f"{PERIOD}&interval={interval}", accept="text/csv"),
        ):
            _, *rows = csv.reader(io.StringIO(answer.text))
            assert len(rows) == (2 if interval == "day" else 48)
            for when, *numbers in rows:
                assert datetime.fromisoformat(when)
                assert all(number.isdecimal() for number in numbers)

    def test_somebody_elses_link_is_no_file(self, world: DynamoWorld) -> None:
        answer = link("docs", user="bob", accept="text/csv")
        assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")

    @pytest.mark.parametrize("accept", [None, "*/*", BROWSER])
    def test_whoever_does_not_ask_for_it_gets_json(self, world: DynamoWorld, accept: str | None) -> None:
        assert link("docs", accept=accept).json["id"] == "docs"


class TestAccept:
    @pytest.mark.parametrize(
        "accept",
        [
            "text/csv",
            "TEXT/CSV; charset=utf-8",
            "text/csv;header=present;q=0.7",
            "text/*",
            "text/csv, application/json;q=0.9",
            "application/json;q=0.5, text/csv;q=0.6",
            "text/csv, */*;q=0.1",
            "application/json;q=0, */*;q=0.1",
        ],
    )
    def test_csv(self, accept: str) -> None:
        assert prefers_csv(accept)

    @pytest.mark.parametrize(
        "accept",
        [
            "",
            "*/*",
            BROWSER,
            "application/json",
            "application/json, text/csv",
            "text/csv;q=0.5, application/json",
            "text/csv;q=0",
            "text/csv;q=nonsense",
            "text/csv;q=nan, */*;q=0.1",
            "text/csv;q=2",
            "*/*, text/csv;q=0.1",
            "image/png",
        ],
    )
    def test_json(self, accept: str) -> None:
        assert not prefers_csv(accept)

    @given(st.text(st.characters()))
    def test_anything_is_one_or_the_other(self, accept: str) -> None:
        assert prefers_csv(accept) in {True, False}
