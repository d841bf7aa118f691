"""The pages of this repository: their headings, links and code blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.stack import ROOT

PATTERNS = (
    "*.md",
    "docs/*.md",
    "docs/*/*.md",
    "services/*/README.md",
    *(f"{folder}/README.md" for folder in ("bench", "cli", "local", "local/aws")),
)
"""Where pages are. The runbooks' commands have a test of their own (tests/contract/test_runbooks.py)."""

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```[ ]*$", re.M | re.S
)
_REASON = re.compile(r"<!-- not run: (?P<reason>[^\n]+?) -->\s*\Z")
_LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Parameters
    ----------
    page, line
        Where it is: the path below the repository's root, and the line of its first line of text.
    language
        What stands behind the fence.
    text
        What it holds.
    not_run
        Why it is not run by the tests, if its page says so: `<!-- not run: REASON -->` before the fence.
    """

    page: str
    line: int
    language: str
    text: str
    not_run: str | None = None

    @property
    def place(self) -> str:
        """Where it is, as editors take it."""
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Return every page of the repository."""
    return sorted({path for pattern in PATTERNS for path in ROOT.glob(pattern)})


def name(page: Path) -> str:
    """Return a page's path below the repository's root."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: str, text: str) -> Iterator[Block]:
    """Yield a page's fenced blocks."""
    for fence in _FENCE.finditer(text):
        reason = _REASON.search(text[: fence.start()])
        line = text.count("\n", 0, fence.start("text")) + 1
        yield Block(page, line, fence["language"], fence["text"], reason["reason"] if reason else None)


def links(text: str) -> list[str]:
    """Return what a page's links lead to; what stands in code is none."""
    return _LINK.findall(re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text)))


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ +(.+?)\s*#*$", _FENCE.sub("", text), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found[slug] = found.get(slug, 0) + 1
    return {f"{slug}-{n}" if n else slug for slug, times in found.items() for n in range(times)}
