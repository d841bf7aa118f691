"""What an import would do, told before it does anything."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hopcount_cli.transfer.checks import Unkept
from hopcount_cli.transfer.rows import Row

EXAMPLES = 3
"""Lines shown for each reason."""

_LISTED = 1_000
"""Lines that are listed for programs; beyond that they are counted only."""


@dataclass
class Plan:
    """What a file holds.

    Parameters
    ----------
    label
        The format it was read as.
    links
        Links that can be made.
    nameless
        How many of them get a new code, for the file says none.
    clicks
        Clicks that they bring along.
    reasons
        Why other lines cannot be kept, and how many each time.
    unkept
        The first of those lines.
    lost
        What the links have that Hopcount has no place for, and how many have it.
    """

    label: str
    links: int = 0
    nameless: int = 0
    clicks: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unkept: list[Unkept] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def unkept_count(self) -> int:
        """How many lines cannot be kept."""
        return self.reasons.total()

    def add(self, checked: Row | Unkept) -> None:
        """Count one line in."""
        if isinstance(checked, Unkept):
            self.reasons[checked.reason] += 1
            if len(self.unkept) < _LISTED:
                self.unkept.append(checked)
            return
        self.links += 1
        self.nameless += checked.code is None
        self.clicks += checked.clicks
        self.lost.update(checked.lost)

    def to_json(self) -> dict[str, Any]:
        """Write it for programs."""
        return {
            "format": self.label,
            "links": self.links,
            "newCodes": self.nameless,
            "clicks": self.clicks,
            "notKept": self.unkept_count,
            "reasons": dict(self.reasons),
            "lines": [{"line": u.line, "reason": u.reason, "about": u.detail} for u in self.unkept],
            "lost": dict(self.lost),
        }

    def to_lines(self, *, examples: int | None = EXAMPLES) -> Iterator[str]:
        """Write it for people.

        Parameters
        ----------
        examples
            Lines shown for each reason; `None` for every line that is listed.
        """
        links, clicks = _many(self.links, "link"), _many(self.clicks, "click")
        yield f"Read as {self.label}: {links} can be made, with {clicks}."
        if self.nameless:
            yield f"  {self.nameless:,} of them get a new code: the file says none."
        if self.lost:
            what = ", ".join(f"{name} ({count:,})" for name, count in self.lost.most_common())
            yield f"  Not kept with them: {what}."
        if not self.reasons:
            return
        yield f"{_many(self.unkept_count, 'line')} cannot be kept:"
        for reason, count in self.reasons.most_common():
            yield f"  {count:,}: {reason}"
            yield from self._examples(reason, count, examples)

    def _examples(self, reason: str, count: int, limit: int | None) -> Iterator[str]:
        found = [unkept for unkept in self.unkept if unkept.reason == reason][:limit]
        for unkept in found:
            yield f"      line {unkept.line:,}: {unkept.detail}".rstrip(": ")
        if len(found) < count:
            yield f"      and {count - len(found):,} more"


def make_plan(label: str, checked: Iterable[Row | Unkept]) -> Plan:
    """Read a whole file, and remember of it no more than what is told."""
    plan = Plan(label)
    for one in checked:
        plan.add(one)
    return plan


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
