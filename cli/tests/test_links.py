"""What creators do with links: in a pipe, as JSON, and in a terminal."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli.tests.creator import Creator

from hopcount_cli.errors import UsageError
from hopcount_cli.moments import parse_day, parse_expiry

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVIL = "https://example.com/\x1b]0;gone\x07\x9b31m\u202egnp.exe"


class TestShorten:
    def test_a_pipe_gets_the_short_url_alone(self, creator: Creator) -> None:
        assert creator.done("shorten", "https://example.com/") == f"{creator.service.url}/code000\n"

    def test_everything_about_a_link_can_be_said(self, creator: Creator) -> None:
        arguments = (
            "--alias",
            "docs",
            "--expires",
            "7d",
            "--status",
            "302",
            "--max-age",
            "60",
            "--pass-query",
        )
        link = creator.json("shorten", "https://example.com/", *arguments)
        assert (link["id"], link["redirectStatus"], link["maxAge"]) == ("docs", 302, 60)
        (request,) = creator.service.asked("POST", "/urls")
        assert set(request.body) == {
            *("originalUrl", "alias", "expiresAt", "redirectStatus", "maxAge", "passQuery"),
        }
        ends = datetime.fromisoformat(request.body["expiresAt"]) - datetime.now(UTC)
        assert timedelta(days=6, hours=23) < ends <= timedelta(days=7)

    def test_each_run_makes_a_link_of_its_own(self, creator: Creator) -> None:
        for _ in range(2):
            creator.done("shorten", "https://example.com/")
        keys = [r.headers["idempotency-key"] for r in creator.service.asked("POST", "/urls")]
        assert len(set(keys)) == 2

    def test_several_are_made_at_once(self, creator: Creator) -> None:
        result = creator.run("shorten", "https://a.example", "nonsense", "https://b.example")
        assert result.exit_code == 1
        assert result.stdout.split() == [f"{creator.service.url}/code000", f"{creator.service.url}/code001"]
        assert result.stderr.splitlines() == [
            "hopcount: nonsense: originalUrl: is no URL",
            "hopcount: 1 of 3 URLs were not shortened",
        ]
        (request,) = creator.service.asked("POST", "/urls/bulk")
        assert request.headers["idempotency-key"]

    def test_several_as_json(self, creator: Creator) -> None:
        results = creator.json("shorten", "https://a.example", "https://b.example")["results"]
        assert [(result["index"], result["status"]) for result in results] == [(0, "created"), (1, "created")]

    def test_a_list_comes_on_standard_input(self, creator: Creator) -> None:
        text = "https://a.example\n\nhttps://b.example\n"
        for arguments in (("shorten",), ("shorten", "-")):
            assert len(creator.done(*arguments, text=text).split()) == 2

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            (("https://a.example", "https://b.example", "--alias", "x"), "--alias names one link"),
            (("-", "--alias", "x"), "--alias names one link"),
            (("https://a.example", "--expires", "soon"), "--expires: 'soon' is no time"),
            (("https://a.example", "--status", "200"), "one of 301, 302, 307 and 308"),
            (("https://a.example", "--max-age", "x"), "--max-age"),
        ],
    )
    def test_what_is_not_understood_is_told(
        self, creator: Creator, arguments: tuple[str, ...], problem: str
    ) -> None:
        result = creator.run("shorten", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert problem in result.stderr
        assert len(result.stderr.splitlines()) == 1

    def test_what_the_service_refuses_is_told(self, creator: Creator) -> None:
        errors = [{"field": "alias", "message": "is taken"}]
        creator.service.faults.append((422, {"title": "Invalid input", "errors": errors}, {}))
        result = creator.run("shorten", "https://a.example", "--alias", "docs", "--json")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "hopcount: alias: is taken\n"

    def test_a_terminal_gets_a_table(self, creator: Creator) -> None:
        code, seen = creator.terminal("shorten", "https://example.com/").end()
        assert code == 0
        assert "Short URL" in seen
        assert f"{creator.service.url}/code000" in seen

    def test_a_terminal_is_no_list(self, creator: Creator) -> None:
        code, seen = creator.terminal("shorten").end()
        assert code == 2
        assert "say what to shorten" in seen


class TestList:
    @pytest.fixture(autouse=True)
    def _links(self, creator: Creator) -> None:
        for number in range(130):
            creator.service.add_link(f"link{number}", f"https://example.com/{number}/{'x' * 300}")

    def test_a_pipe_gets_lines_that_are_never_wrapped(self, creator: Creator) -> None:
        result = creator.run("ls", "-n", "3")
        lines = result.stdout.splitlines()
        assert [line.split("\t")[1:3] for line in lines] == [["1234", "5"]] * 3
        assert lines[0].endswith("x" * 300)
        assert "There are more than these 3" in result.stderr

    def test_all_of_them_are_found_page_by_page(self, creator: Creator) -> None:
        found = creator.json("ls", "--all")
        assert (len(found["items"]), found["more"]) == (130, False)
        assert {r.query["limit"] for r in creator.service.asked("GET", "/urls")} == {"100"}

    @pytest.mark.parametrize(("limit", "more"), [(25, True), (129, True), (130, False), (500, False)])
    def test_it_says_whether_there_are_more(self, creator: Creator, limit: int, more: bool) -> None:
        found = creator.json("ls", "--limit", str(limit))
        assert (len(found["items"]), found["more"]) == (min(limit, 130), more)

    def test_they_can_be_searched(self, creator: Creator) -> None:
        assert [link["id"] for link in creator.json("ls", "link77")["items"]] == ["link77"]

    def test_the_trash_is_listed(self, creator: Creator) -> None:
        creator.done("rm", "link5")
        assert [link["id"] for link in creator.json("ls", "--deleted")["items"]] == ["link5"]

    def test_a_spreadsheet_computes_nothing(self, creator: Creator) -> None:
        creator.service.links.clear()
        creator.service.add_link("evil", "=HYPERLINK(1)")
        creator.service.add_link("-dash", "https://example.com/a,b")
        rows = list(csv.DictReader(io.StringIO(creator.done("ls", "--csv"))))
        assert [row["originalUrl"] for row in rows] == ["'=HYPERLINK(1)", "https://example.com/a,b"]
        assert [row["id"] for row in rows] == ["evil", "'-dash"]
        assert rows[0]["passQuery"] == "false"

    def test_what_a_terminal_would_obey_is_shown_instead(self, creator: Creator) -> None:
        creator.service.links.clear()
        creator.service.add_link("evil", EVIL)
        for arguments in ((), ("--csv",), ("--json",)):
            printed = creator.done("ls", *arguments)
            assert not set(printed) & set("\x1b\x07\x9b\u202e"), printed
        assert creator.json("ls")["items"][0]["originalUrl"] == EVIL
        _, seen = creator.terminal("ls", NO_COLOR="1", COLUMNS="300").end()
        assert "\x1b]" not in seen
        assert "\\x1b]0;gone" in seen

    def test_no_color_is_respected(self, creator: Creator) -> None:
        _, coloured = creator.terminal("ls", "-n", "1").end()
        _, plain = creator.terminal("ls", "-n", "1", NO_COLOR="1").end()
        assert not any(f"\x1b[{colour}" in plain for colour in range(30, 38))
        assert "Short URL" in coloured
        assert "Short URL" in plain


class TestOneLink:
    @pytest.fixture(autouse=True)
    def _link(self, creator: Creator) -> None:
        creator.service.add_link("docs", "https://example.com/docs")

    def test_it_may_be_named_by_its_short_url(self, creator: Creator) -> None:
        host = creator.service.url.removeprefix("http://")
        for name in ("docs", f"{creator.service.url}/docs", f"{host}/docs/", f"http://{host}/docs?x=1"):
            assert creator.json("edit", name, "--status", "302")["redirectStatus"] == 302

    def test_another_domain_is_looked_up(self, creator: Creator) -> None:
        creator.service.links["docs"]["shortUrl"] = "https://go.example.com/docs"
        assert creator.json("edit", "https://go.example.com/docs", "--status", "302")
        result = creator.run("rm", "https://bit.ly/docs")
        assert result.exit_code == 2
        assert "is no short URL of" in result.stderr
        assert "docs" in creator.service.links

    @pytest.mark.parametrize("name", ["../users", "a/b/c", "", "x" * 65, "https://", "a b", "http://[x/docs"])
    def test_what_can_be_no_link_is_not_asked_for(self, creator: Creator, name: str) -> None:
        before = len(creator.service.requests)
        result = creator.run("rm", name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "is neither a code nor a short URL" in result.stderr
        assert len(creator.service.requests) == before

    def test_it_is_edited(self, creator: Creator) -> None:
        arguments = ("--target", "https://new.example", "--expires", "never", "--max-age", "none")
        creator.done("edit", "docs", *arguments, "--no-pass-query")
        (request,) = creator.service.asked("PATCH", "/urls/docs")
        assert request.body == {
            "originalUrl": "https://new.example",
            "expiresAt": None,
            "maxAge": None,
            "passQuery": False,
        }

    def test_an_edit_says_what(self, creator: Creator) -> None:
        assert creator.run("edit", "docs").exit_code == 2
        assert creator.run("edit", "docs", "--max-age", "soon").exit_code == 2

    def test_it_is_deleted_and_restored(self, creator: Creator) -> None:
        assert creator.json("rm", "docs") == {"deleted": ["docs"], "failed": []}
        gone = creator.run("rm", "docs")
        assert (gone.exit_code, gone.stderr) == (2, "hopcount: no such link\n")
        assert creator.done("restore", "docs") == f"{creator.service.url}/docs\n"
        assert creator.json("rm", "docs", "--yes")["deleted"] == ["docs"]

    def test_others_are_deleted_where_one_is_refused(self, creator: Creator) -> None:
        creator.service.add_link("more")
        result = creator.run("rm", "docs", "nosuch", "more")
        assert (result.exit_code, result.stdout) == (1, "docs\nmore\n")
        assert "hopcount: nosuch: no such link" in result.stderr

    def test_a_terminal_is_asked_first(self, creator: Creator) -> None:
        terminal = creator.terminal("rm", "docs")
        terminal.answer("Delete docs? [y/N]:", "n")
        assert terminal.end()[0] == 0
        assert "docs" in creator.service.links
        terminal = creator.terminal("rm", "docs")
        terminal.answer("Delete docs? [y/N]:", "y")
        assert terminal.end()[0] == 0
        assert "docs" in creator.service.trash

    def test_it_is_opened(self, creator: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[str] = []
        monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
        assert creator.done("open", "docs") == f"{creator.service.url}/docs\n"
        assert creator.json("open", "docs", "--target")["url"] == "https://example.com/docs"
        assert opened == [f"{creator.service.url}/docs", "https://example.com/docs"]

    def test_its_qr_code_is_drawn_or_written(self, creator: Creator, tmp_path: Path) -> None:
        assert "█" in creator.done("qr", "docs")
        svg, png = tmp_path / "docs.svg", tmp_path / "docs.PNG"
        creator.done("qr", "docs", "-o", str(svg))
        assert creator.json("qr", "docs", "-o", str(png))["file"] == str(png)
        assert b"<svg" in svg.read_bytes()
        assert png.read_bytes().startswith(b"\x89PNG")

    def test_what_cannot_be_written_is_told(self, creator: Creator, tmp_path: Path) -> None:
        for name, problem in [("docs.gif", "has to end with"), ("no/docs.svg", "No such file")]:
            result = creator.run("qr", "docs", "-o", str(tmp_path / name))
            assert result.exit_code == 2
            assert problem in result.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", "2026-11-23T13:30:00Z"),
        ("12h", "2026-11-24T00:00:00Z"),
        ("7d", "2026-11-30T12:00:00Z"),
        ("2w", "2026-12-07T12:00:00Z"),
        ("1y", "2027-11-23T12:00:00Z"),
        ("2027-01-31T18:00:00+01:00", "2027-01-31T17:00:00Z"),
        ("2027-01-31T18:00Z", "2027-01-31T18:00:00Z"),
    ],
)
def test_expiry_is_a_duration_or_a_time(text: str, expected: str) -> None:
    assert parse_expiry(text, NOW) == expected


def test_a_day_ends_when_it_is_over_here() -> None:
    end = datetime.fromisoformat(parse_expiry("2027-01-31", NOW)).astimezone()
    assert (end.date().isoformat(), end.hour, end.minute) == ("2027-02-01", 0, 0)


@pytest.mark.parametrize("text", ["", "soon", "7", "-7d", "7 parsecs", "2027-02-30", "999999y"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no time"):
        parse_expiry(text, NOW)


def test_days_are_written_or_so_long_ago() -> None:
    assert parse_day("30d", NOW, "--from") == "2026-10-24"
    assert parse_day("2026-02-01", NOW, "--from") == "2026-02-01"
    assert parse_day(None, NOW, "--from") is None
    for text in ("yesterday", "2026-02-30", "999999y", "2026-02-01T00:00Z"):
        with pytest.raises(UsageError, match="is no day"):
            parse_day(text, NOW, "--from")
