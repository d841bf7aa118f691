"""Ten thousand links from a list: seen while they are made, interrupted, gone on with, each made once."""

import json
import re
from pathlib import Path

import pexpect
import pytest

from tests.support.command_line import HOPCOUNT, CommandLine
from tests.support.people import Creator
from tests.support.stack import Stack

NUMBER = 10_000
ENOUGH = 2_000
"""So many are made when somebody presses Ctrl-C."""


@pytest.fixture(scope="module")
def hopcount(stack: Stack, creator: Creator, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(stack, tmp_path_factory.mktemp("session")).signed_in_as(creator)


def shorten(hopcount: CommandLine, urls: Path, short: Path) -> "pexpect.spawn[str]":
    """Shorten a list in a terminal, with the links going to a file."""
    return pexpect.spawn(
        "bash",
        ["-c", 'exec "$0" shorten - < "$1" > "$2"', HOPCOUNT, str(urls), str(short)],
        env=hopcount.environment,
        encoding="utf-8",
        timeout=900,
        dimensions=(24, 120),
    )


def exported(creator: Creator) -> dict[str, str]:
    """Return where each live link leads, by code."""
    found: dict[str, str] = {}
    path: str | None = "/urls/export"
    while path:
        page = creator.http.get(path)
        assert page.status_code == 200, page.text
        found |= {row["id"]: row["originalUrl"] for row in map(json.loads, page.text.splitlines())}
        path = page.links.get("next", {}).get("url")
    return found


def test_ten_thousand_links_survive_ctrl_c(hopcount: CommandLine, creator: Creator, tmp_path: Path) -> None:
    urls, torn, short = tmp_path / "urls.txt", tmp_path / "torn.txt", tmp_path / "short.txt"
    wanted = [f"https://example.com/{number}" for number in range(NUMBER)]
    urls.write_text("\n".join(["# a list", "", *wanted]) + "\n")

    terminal = shorten(hopcount, urls, torn)
    terminal.expect(rf"{ENOUGH}/{NUMBER}")
    terminal.sendintr()
    terminal.expect(r"stopped: ([\d,]+) of 10,000")
    match = terminal.match
    assert isinstance(match, re.Match)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    done = torn.read_text().splitlines()
    assert ENOUGH <= len(done) == int(match[1].replace(",", "")) < NUMBER

    terminal = shorten(hopcount, urls, short)
    terminal.expect(rf"{NUMBER}/{NUMBER}")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    printed = short.read_text().splitlines()
    assert printed[: len(done)] == done, "the same links as before"
    codes = [line.rsplit("/", 1)[1] for line in printed]
    assert exported(creator) == dict(zip(codes, wanted, strict=True)), "none lost, none doubled"


def test_a_list_may_hold_what_is_no_url(hopcount: CommandLine) -> None:
    ran = hopcount.run("shorten", "-", text="https://example.com/1\nnonsense\nhttps://example.com/2\n")
    assert ran.returncode == 1
    first, empty, second = ran.stdout.splitlines()
    assert (bool(first), empty, bool(second)) == (True, "", True)
    assert "URL 2, nonsense" in ran.stderr
    ran = hopcount.run("shorten", "-", "--json", text="https://example.com/1\nnonsense\n")
    good, bad = map(json.loads, ran.stdout.splitlines())
    assert good["shortUrl"].startswith("http")
    assert bad["problem"]["status"] == 422
