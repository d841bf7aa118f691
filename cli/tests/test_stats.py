"""Statistics: a chart for people, lines and JSON for programs."""

from datetime import date, timedelta
from typing import Any

import pytest
from cli.tests.creator import Creator

from hopcount_cli.chart import MACHINES, PEOPLE, draw_series

DAYS = [{"date": f"{date(2026, 10, 1) + timedelta(n)}", "clicks": n, "botClicks": 1} for n in range(40)]


def report(**more: Any) -> dict[str, Any]:
    return {
        "from": "2026-10-01",
        "to": "2026-11-09",
        "tz": "UTC",
        "clicks": 780,
        "botClicks": 40,
        "totalClicks": 12345,
        "totalBotClicks": 67,
        "series": DAYS,
        "breakdowns": {
            "country": {"CH": 500, "DE": 100, "FR": 80, "IT": 50, "AT": 30, "US": 15, "other": 5},
            "referrer": {"\x1b[31mevil": 1},
            "device": {},
        },
        **more,
    }


@pytest.fixture
def followed(creator: Creator) -> Creator:
    top = [{"id": "docs", "clicks": 700, "botClicks": 40}]
    creator.service.answers["GET", "/stats/docs"] = (200, report(id="docs"), {})
    creator.service.answers["GET", "/stats"] = (200, report(links=3, top=top), {})
    return creator


def test_a_pipe_gets_the_series(followed: Creator) -> None:
    lines = followed.done("stats", "docs").splitlines()
    assert lines[:2] == ["2026-10-01\t0\t1", "2026-10-02\t1\t1"]
    assert len(lines) == 40


def test_json_is_the_whole_report(followed: Creator) -> None:
    assert followed.json("stats", "docs") == report(id="docs")
    assert followed.json("stats")["links"] == 3


def test_the_period_is_handed_on(followed: Creator) -> None:
    arguments = ("--from", "2026-01-01", "--to", "2026-02-01", "--tz", "Europe/Zurich", "--interval", "hour")
    followed.service.answers["GET", "/stats/docs"] = (
        200,
        report(id="docs", series=[{"time": "2026-01-01T00:00:00+01:00", "clicks": 1, "botClicks": 0}]),
        {},
    )
    assert followed.done("stats", "docs", *arguments) == "2026-01-01T00:00:00+01:00\t1\t0\n"
    (request,) = followed.service.asked("GET", "/stats/docs")
    assert request.query == {
        "from": "2026-01-01",
        "to": "2026-02-01",
        "tz": "Europe/Zurich",
        "interval": "hour",
    }


def test_the_zone_may_stand_in_the_environment(followed: Creator) -> None:
    followed.done("stats", HOPCOUNT_TZ="Asia/Tokyo")
    (request,) = followed.service.asked("GET", "/stats")
    assert request.query == {"tz": "Asia/Tokyo", "interval": "day"}


def test_csv_is_the_services_own(followed: Creator) -> None:
    text = "date,clicks,botClicks\r\n2026-10-01,1,2\r\n"
    followed.service.answers["GET", "/stats/docs"] = (200, text, {"Content-Type": "text/csv"})
    assert followed.done("stats", "docs", "--csv") == "date,clicks,botClicks\n2026-10-01,1,2\n"
    (request,) = followed.service.asked("GET", "/stats/docs")
    assert request.headers["accept"] == "text/csv"


@pytest.mark.parametrize(
    "arguments", [("--interval", "week"), ("--from", "yesterday"), ("--json", "--csv"), ("--to", "x")]
)
def test_what_is_not_understood_is_told(followed: Creator, arguments: tuple[str, ...]) -> None:
    result = followed.run("stats", "docs", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert followed.service.asked("GET", "/stats/docs") == []


def test_a_terminal_gets_a_chart(followed: Creator) -> None:
    code, seen = followed.terminal("stats", "docs").end()
    assert code == 0, seen
    for shown in (PEOPLE, MACHINES, "12,345", "Country", "the rest", "/docs"):
        assert shown in seen
    assert "Device" not in seen, "nobody had one"
    assert "\x1b[31mevil" not in seen


def test_all_links_together_name_the_most_followed(followed: Creator) -> None:
    code, seen = followed.terminal("stats").end()
    assert code == 0, seen
    assert "Most followed" in seen
    assert "3 links" in seen


@pytest.mark.parametrize("entries", [1, 2, 30, 366])
@pytest.mark.parametrize("width", [20, 80, 120])
def test_a_chart_fits_the_width(entries: int, width: int) -> None:
    series = [
        {"date": f"{date(2026, 1, 1) + timedelta(n)}", "clicks": 3, "botClicks": 1} for n in range(entries)
    ]
    drawn = draw_series(series, width)
    assert max(len(line) for line in drawn.splitlines()) <= width
    assert PEOPLE in drawn
    assert MACHINES in drawn
    assert "\x1b" not in drawn


def test_nothing_is_drawn_as_nothing() -> None:
    series = [{"time": f"2026-01-01T{hour:02}:00:00Z", "clicks": 0, "botClicks": 0} for hour in range(24)]
    drawn = draw_series(series, 80)
    assert "01-01 00h" in drawn
