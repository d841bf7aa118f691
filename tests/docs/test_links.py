"""No link of any page leads nowhere: files and headings exist, addresses are addresses."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.markdown import anchors, links, name, pages


@cache
def anchors_of(page: Path) -> set[str]:
    return anchors(page.read_text())


def problem(page: Path, target: str) -> str | None:
    """Return what is wrong with a link on a page, or nothing."""
    parts = urlsplit(target)
    if parts.scheme:
        fine = parts.scheme == "https" and "." in (parts.hostname or "") and not set(target) & set(" <>\"'")
        local = parts.scheme == "http" and parts.hostname == "127.0.0.1"
        return None if fine or local else "no https address"
    there = (page.parent / parts.path).resolve() if parts.path else page
    if target.startswith("/") or not there.exists():
        return "no such file"
    if parts.fragment:
        there = there / "README.md" if there.is_dir() else there
        if there.suffix != ".md" or parts.fragment not in anchors_of(there):
            return "no such heading"
    return None


@pytest.mark.parametrize("page", pages(), ids=name)
def test_a_link_leads_somewhere(page: Path) -> None:
    found = [(target, problem(page, target)) for target in links(page.read_text())]
    assert [link for link in found if link[1]] == []


def test_what_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n\n## Two, `three`\n\n"
        "[a](other.md) [b](#two-three) [c](#four) [d](http://x.example/) `[e](f)`\n"
    )
    found = {target: problem(page, target) for target in links(page.read_text())}
    assert {target for target, wrong in found.items() if wrong} == {"other.md", "#four", "http://x.example/"}
    assert "#two-three" in found
    assert "f" not in found


def test_headings_of_one_name_are_told_apart() -> None:
    assert anchors("# A b\n\n## A b\n\n```sh\n# no heading\n```\n") == {"a-b", "a-b-1"}
