"""Links of other shorteners come along, once, and go on to another Hopcount as they are."""

import io
import json
import re
import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hopcount_cli.app import app
from hopcount_cli.transfer.checks import Checker
from hopcount_cli.transfer.readers import FORMATS, detect
from hopcount_cli.transfer.rows import Row
from hopcount_cli.transfer.text import open_text
from tests.support.clicks import BROWSER
from tests.support.command_line import CommandLine
from tests.support.people import Creator, Visitor, ok, open_http
from tests.support.poll import until
from tests.support.stack import ROOT, Stack

FIXTURES = sorted((ROOT / "cli/tests/transfer/fixtures").iterdir())


@pytest.fixture(scope="module")
def hopcount(stack: Stack, creator: Creator, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(stack, tmp_path_factory.mktemp("session")).signed_in_as(creator)


def kept(path: Path) -> list[Row]:
    """Return the rows of a file that can become links."""
    with open_text(str(path), io.BytesIO()) as text, Checker(datetime.now(UTC)) as checker:
        name = detect(text)
        return [row for row in checker.check(FORMATS[name].read(text)) if isinstance(row, Row)]


def with_new_codes(path: Path, folder: Path) -> Path:
    """Copy an export with codes that nobody ever had: a code is never free again."""
    encoding = "utf-16" if path.read_bytes().startswith(b"\xff\xfe") else "utf-8"
    text, end = path.read_bytes().decode(encoding), secrets.token_hex(4)
    for code in {row.code for row in kept(path) if row.code}:
        text = re.sub(rf"(?<![\w-]){re.escape(code)}(?![\w-])", f"{code}-{end}", text)
    copy = folder / path.name
    copy.write_bytes(text.encode(encoding))
    return copy


def result(hopcount: CommandLine, *arguments: str | Path) -> dict[str, Any]:
    """Import in this process: starting one takes longer than importing."""
    ran = CliRunner().invoke(
        app, ["import", *map(str, arguments), "--json"], env=hopcount.environment, prog_name="hopcount"
    )
    assert ran.exit_code in {0, 1}, ran.stderr
    counts: dict[str, Any] = json.loads(ran.stdout)
    return counts


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_an_export_imported_twice_is_there_once(
    hopcount: CommandLine, creator: Creator, path: Path, tmp_path: Path
) -> None:
    file = with_new_codes(path, tmp_path)
    rows, before = kept(file), len(creator.links(limit=100))
    first = result(hopcount, file, "--yes")
    assert (first["created"], first["existing"], first["failed"]) == (len(rows), 0, 0), first["problems"]
    again = result(hopcount, file, "--yes")
    assert (again["created"], again["existing"], again["failed"]) == (0, len(rows), 0), again["problems"]
    assert len(creator.links(limit=100)) == before + len(rows)
    for row in rows:
        if row.code is not None:
            assert_kept(creator.link(row.code), row)


def assert_kept(link: Mapping[str, Any], row: Row) -> None:
    wanted = row.to_export()
    assert link["originalUrl"] == wanted["originalUrl"]
    assert link["importedClicks"] == wanted["totalClicks"]
    assert link["expiresAt"] == wanted.get("expiresAt")
    assert link["passQuery"] == wanted["passQuery"]
    if row.created_at is not None:
        assert link["createdAt"] == wanted["createdAt"]


def test_a_code_of_two_characters_leads_on(
    hopcount: CommandLine, stack: Stack, visitor: Visitor, tmp_path: Path
) -> None:
    letters = string.ascii_letters + string.digits
    code = until(
        lambda: "".join(secrets.choice(letters) for _ in range(2)),
        lambda code: visitor.follow(code).status_code == 404,
    )
    file = tmp_path / "yourls.csv"
    file.write_text(
        f"keyword,url,title,timestamp,ip,clicks\n{code},https://example.com/short,,2013-01-02 03:04:05,,8\n"
    )
    ran = hopcount.run("import", file, "--yes")
    assert (ran.returncode, ran.stdout) == (0, "1 links made, 0 were there already\n"), ran.stderr
    assert visitor.follow(code).headers["location"] == "https://example.com/short"


def test_a_dry_run_makes_nothing(hopcount: CommandLine, creator: Creator, tmp_path: Path) -> None:
    file = with_new_codes(next(path for path in FIXTURES if path.name == "kutt.json"), tmp_path)
    before = len(creator.links(limit=100))
    ran = hopcount.run("import", file, "--dry-run")
    assert ran.returncode == 1
    assert "Read as Kutt: 2 links can be made" in ran.stdout
    refused = hopcount.run("import", file)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert len(creator.links(limit=100)) == before


def test_somebody_elses_code_fails_alone_and_is_written_down(
    hopcount: CommandLine, stranger: Creator, tmp_path: Path
) -> None:
    taken = f"taken-{secrets.token_hex(4)}"
    stranger.create("https://example.com/theirs", alias=taken)
    file, failed = tmp_path / "links.csv", tmp_path / "failed.jsonl"
    file.write_text(f"url,alias\nhttps://example.com/mine,{taken}\nhttps://example.com/mine,{taken}-2\n")
    ran = hopcount.run("import", file, "--yes", "--failed", failed)
    assert (ran.returncode, ran.stdout) == (
        1,
        "1 links made, 0 were there already, 1 failed, 0 could not be kept\n",
    )
    assert json.loads(failed.read_text())["id"] == taken


def test_export_import_export_is_equal(
    stack: Stack, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also between accounts, clicks included; only codes differ, for a code is its owner's for ever."""
    ann, ben = Creator.sign_up(stack), Creator.sign_up(stack)
    as_ann = CommandLine(stack, tmp_path_factory.mktemp("ann")).signed_in_as(ann)
    as_ben = CommandLine(stack, tmp_path_factory.mktemp("ben")).signed_in_as(ben)
    fixtures = [path for path in FIXTURES if path.name in {"hopcount.jsonl", "shlink.json"}]
    for path in fixtures:
        result(as_ann, with_new_codes(path, tmp_path), "--yes")
    code = kept(tmp_path / "hopcount.jsonl")[0].code
    open_http(stack.base_url, {"User-Agent": BROWSER}).get(f"/{code}")
    until(lambda: ann.link(str(code))["clicks"], lambda clicks: clicks == 1)
    first, second, renamed, third = (
        tmp_path / f"{name}.jsonl" for name in ("first", "second", "renamed", "third")
    )
    assert as_ann.run("export", "-o", first).returncode == 0
    assert result(as_ann, first, "--yes")["created"] == 0
    assert as_ann.run("export", "-o", second).returncode == 0
    assert second.read_text() == first.read_text()
    rows = [json.loads(line) for line in first.read_text().splitlines()]
    assert next(row["totalClicks"] for row in rows if row["id"] == code) == 13
    renamed.write_text("".join(json.dumps({**row, "id": f"{row['id']}_b"}) + "\n" for row in rows))
    assert result(as_ben, renamed, "--yes")["created"] == len(rows)
    assert as_ben.run("export", "-o", third).returncode == 0
    moved = [json.loads(line) for line in third.read_text().splitlines()]
    assert [{**row, "id": row["id"].removesuffix("_b")} for row in moved] == rows


def test_a_spreadsheets_export_is_imported_as_it_is(
    hopcount: CommandLine, creator: Creator, tmp_path: Path
) -> None:
    file = tmp_path / "links.csv"
    assert hopcount.run("export", "--format", "csv", "-o", file).returncode == 0
    whole = result(hopcount, file, "--yes")
    assert (whole["created"], whole["existing"], whole["failed"]) == (0, len(creator.links(limit=100)), 0)
    answer = creator.http.get("/urls/export", params={"format": "csv"})
    assert answer.status_code == 200
    assert answer.text == file.read_bytes().decode()
    assert ok(creator.http.get("/users/me"))
