"""`hopcount export`: everything, in one piece or not at all."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from cli.tests.transfer.fake_service import FakeService
from cli.tests.transfer.test_readers import FIXTURES
from typer.testing import CliRunner, Result

from hopcount_cli.errors import NetworkError
from hopcount_cli.groups import Hopcount
from hopcount_cli.transfer import export_command, import_command
from hopcount_cli.transfer.export_command import export_links
from hopcount_cli.transfer.import_command import import_links

app = typer.Typer(cls=Hopcount)
app.command("export")(export_links)
app.command("import")(import_links)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = FakeService()
    use(service, monkeypatch)
    assert run("import", FIXTURES / "hopcount.csv", "--yes").exit_code == 0
    assert run("import", FIXTURES / "hopcount.jsonl", "--yes").exit_code == 0
    return service


def use(service: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (export_command, import_command):
        monkeypatch.setattr(module, "connect", lambda context: service)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.mark.usefixtures("service")
def test_json_lines_are_the_default_and_alone_on_standard_output() -> None:
    result = run("export")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [
        "hop-csv",
        "-csv",
        "hop-one",
        "h2",
        "-dash",
    ]


@pytest.mark.usefixtures("service")
def test_a_spreadsheet_runs_nothing_of_it(tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    result = run("export", "--format", "csv", "-o", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "5 links" in result.stderr
    with file.open(newline="") as text:
        rows = list(csv.DictReader(text))
    assert [row["id"] for row in rows] == ["hop-csv", "'-csv", "hop-one", "h2", "'-dash"]
    assert (rows[1]["passQuery"], rows[1]["expiresAt"]) == ("true", "2097-01-01T00:00:00.000000Z")


@pytest.mark.parametrize("written_as", ["jsonl", "csv"])
@pytest.mark.usefixtures("service")
def test_another_hopcount_gives_the_same_again(
    written_as: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert run("export", "--format", written_as, "-o", first).exit_code == 0
    use(FakeService(), monkeypatch)
    assert run("import", first, "--yes").exit_code == 0
    assert run("export", "--format", written_as, "-o", second).exit_code == 0
    assert second.read_bytes() == first.read_bytes()


def test_a_file_is_whole_or_as_it_was(
    service: FakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Any:
        yield {"id": "a1"}
        raise NetworkError("gone")

    monkeypatch.setattr(service, "export", broken)
    file = tmp_path / "links.jsonl"
    file.write_text("yesterday's")
    assert run("export", "-o", file).exit_code == 4
    assert file.read_text() == "yesterday's"
    assert [path.name for path in tmp_path.iterdir()] == ["links.jsonl"]


@pytest.mark.usefixtures("service")
def test_a_place_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = run("export", "-o", tmp_path / "no" / "links.jsonl")
    assert result.exit_code == 2
    assert "No such file" in result.stderr


@pytest.mark.usefixtures("service")
def test_programs_are_told_what_is_where(tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    result = run("export", "--format", "csv", "--json", "-o", file)
    assert json.loads(result.stdout) == {"file": str(file), "links": 5}
    assert run("export", "--format", "csv", "--json").exit_code == 2
    assert len(run("export", "--json").stdout.splitlines()) == 5
