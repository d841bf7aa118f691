"""`hopcount import` as people and scripts run it."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from cli.tests.transfer.fake_service import FakeService, break_off
from cli.tests.transfer.test_readers import FIXTURE_FORMATS, FIXTURES
from typer.testing import CliRunner, Result

from hopcount_cli.groups import Hopcount
from hopcount_cli.transfer import import_command as module
from hopcount_cli.transfer.import_command import FormatName, import_links
from hopcount_cli.transfer.readers import FORMATS

app = typer.Typer(cls=Hopcount)
app.command("import")(import_links)
app.callback()(lambda: None)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = FakeService()
    monkeypatch.setattr(module, "connect", lambda context: service)
    return service


def run(*arguments: object, text: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["import", *map(str, arguments)], input=text)


def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "in_terminal", lambda: True)


def test_every_format_can_be_named() -> None:
    assert {*FormatName} == {*FORMATS}


@pytest.mark.parametrize("name", FIXTURE_FORMATS)
def test_importing_twice_makes_nothing_twice(service: FakeService, name: str) -> None:
    first = json.loads(run(FIXTURES / name, "--yes", "--json").stdout)
    made = dict(service.links)
    again = json.loads(run(FIXTURES / name, "--yes", "--json").stdout)
    assert first["created"] == first["links"] == len(made) > 0
    assert (again["created"], again["existing"], again["failed"]) == (0, len(made), 0)
    assert service.links == made


def test_a_dry_run_asks_nothing_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "connect", lambda context: pytest.fail("asked"))
    result = run(FIXTURES / "kutt.json", "--dry-run")
    assert result.exit_code == 1, "some of it cannot be kept"
    assert result.stdout.startswith("Read as Kutt: 2 links can be made, with 6 clicks.\n")
    assert "line 1: kuSecret" in result.stdout
    whole = run(FIXTURES / "hopcount.jsonl", "--dry-run", "--json")
    assert whole.exit_code == 0
    assert json.loads(whole.stdout)["links"] == 3


def test_where_nobody_can_be_asked_one_has_to_say_so(service: FakeService) -> None:
    result = run(FIXTURES / "hopcount.jsonl")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--yes" in result.stderr
    assert service.requests == []


@pytest.mark.parametrize(("answer", "made"), [("y\n", 3), ("n\n", 0), ("\n", 0)])
def test_somebody_is_asked_before_anything_is_made(
    service: FakeService, monkeypatch: pytest.MonkeyPatch, answer: str, made: int
) -> None:
    terminal(monkeypatch)
    result = run(FIXTURES / "hopcount.jsonl", text=answer)
    assert result.exit_code == 0
    assert "Read as Hopcount: 3 links" in result.stderr
    assert "Make 3 links at https://hop.example?" in result.stderr
    assert len(service.links) == made


def test_standard_input_is_read_as_a_file_is(service: FakeService) -> None:
    result = run("-", "--yes", text=(FIXTURES / "sheet.csv").read_bytes())
    assert result.exit_code == 1
    assert list(service.links) == ["wide-16"]


def test_what_failed_is_told_and_can_be_mended_and_fed_again(service: FakeService, tmp_path: Path) -> None:
    service.links["sh4re"] = {"originalUrl": "https://somebody.example/"}
    failed = tmp_path / "failed.jsonl"
    result = run(FIXTURES / "shlink.csv", "--yes", "--failed", failed)
    assert result.exit_code == 1
    assert result.stdout == "0 links made, 0 were there already, 1 failed, 2 could not be kept\n"
    assert "line 2, sh4re: the alias sh4re is taken" in result.stderr
    rows = [json.loads(line) for line in failed.read_text().splitlines()]
    assert [(row["id"], row["totalClicks"]) for row in rows] == [
        ("docs/start", 7),
        ("sh4re", 1),
        ("sh4re", 40),
    ]
    assert rows[2]["problem"] == "the alias sh4re is taken"
    mended = tmp_path / "mended.jsonl"
    mended.write_text("".join(json.dumps({**row, "id": f"new-{i}"}) + "\n" for i, row in enumerate(rows)))
    again = run(mended, "--yes", "--failed", failed)
    assert (again.exit_code, again.stdout) == (0, "3 links made, 0 were there already\n")
    assert not failed.exists(), "nothing failed any more"
    assert service.links["new-2"]["importedClicks"] == 40


def test_a_dry_run_writes_what_cannot_be_kept(tmp_path: Path) -> None:
    failed = tmp_path / "failed.jsonl"
    run(FIXTURES / "yourls.csv", "--dry-run", "--failed", failed)
    assert [json.loads(line)["id"] for line in failed.read_text().splitlines()] == ["a.b"]


def test_the_file_itself_is_not_overwritten(service: FakeService, tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    file.write_text("url\nhttps://a.example/\n")
    assert run(file, "--yes", "--failed", file).exit_code == 2
    assert file.read_text()
    assert service.requests == []


@pytest.mark.parametrize(
    "arguments", [["nosuch.csv"], [".", "--from", "csv"], [FIXTURES / "urls.csv", "--failed", "/no/dir/x"]]
)
def test_files_that_cannot_be_used_are_told_in_a_line(service: FakeService, arguments: list[Any]) -> None:
    result = run(*arguments, "--yes")
    assert result.exit_code == 2
    assert len([line for line in result.stderr.splitlines() if line.startswith("hopcount: ")]) == 1
    assert service.links == {}


def test_nothing_to_import_is_no_request(service: FakeService, tmp_path: Path) -> None:
    failed = tmp_path / "failed.jsonl"
    result = run("-", "--yes", "--failed", failed, text="url,slug\nhttps://a.example/,admin\n")
    assert (result.exit_code, result.stdout) == (
        1,
        "0 links made, 0 were there already, 0 failed, 1 could not be kept\n",
    )
    assert json.loads(failed.read_text())["problem"] == "its code is a reserved word"
    assert run("-", "--yes", text="").exit_code == 1
    assert service.requests == []


def test_ctrl_c_says_what_is_done_and_the_rerun_goes_on(service: FakeService) -> None:
    text = "url,slug\n" + "".join(f"https://a.example/{i},code{i}\n" for i in range(1_200))
    service._after = break_off(1)
    result = run("-", "--yes", text=text)
    assert result.exit_code == 130
    assert "500 of 1,200 links are done" in result.stderr
    again = run("-", "--yes", "--json", text=text)
    assert again.exit_code == 0
    counts = json.loads(again.stdout)
    assert (counts["created"], counts["existing"], counts["failed"]) == (200, 1_000, 0)
    assert len(service.links) == 1_200


def test_many_failures_are_counted_not_listed(service: FakeService) -> None:
    for i in range(50):
        service.links[f"code{i}"] = {"originalUrl": "https://somebody.example/"}
    text = "url,slug\n" + "".join(f"https://a.example/{i},code{i}\n" for i in range(60))
    result = run("-", "--yes", text=text)
    assert result.stdout == "10 links made, 0 were there already, 50 failed, 0 could not be kept\n"
    assert len([line for line in result.stderr.splitlines() if line.startswith("hopcount: line")]) == 20
