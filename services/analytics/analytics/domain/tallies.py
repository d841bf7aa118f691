"""Sums of clicks, as they are journalled: per link and owner, per UTC day, per counter.

A tally is a plain mapping, because thousands are made and merged in a second:

    {(short_code, user_id): {"2026-11-22": {"h13": 2, "b07": 1, "c:CH": 2, "w:Firefox": 2, ...}}}

`hNN` counts people and `bNN` machines in a UTC hour. Everything else counts people by one value of one
dimension (`PREFIXES`), so that each dimension sums up to the people. A day's `clicks` and `botClicks` are the
sums of its hours, and are not journalled.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from analytics.domain.clicks import Click

PREFIXES: Mapping[str, str] = {
    "country": "c",
    "device": "d",
    "browser": "w",
    "os": "o",
    "referrer": "r",
    "language": "l",
}
"""How each dimension's attributes begin; a colon and the value follow."""

HOURS = tuple(f"h{hour:02}" for hour in range(24))
BOT_HOURS = tuple(f"b{hour:02}" for hour in range(24))


class LinkKey(NamedTuple):
    """A link and whose it was when it was followed."""

    short_code: str
    user_id: str


class Totals(NamedTuple):
    """How many people and how many machines."""

    clicks: int
    bot_clicks: int


NOTHING = Totals(0, 0)


Counts = dict[str, int]
"""Numbers by counter."""

Tally = dict[LinkKey, dict[str, Counts]]
"""Counters by day, by link."""


def tally(clicks: Iterable[Click]) -> Tally:
    """Sum up clicks."""
    sums: Tally = {}
    for click in clicks:
        occurred_at = click.occurred_at
        days = sums.setdefault(LinkKey(click.short_code, click.user_id), {})
        counts = days.setdefault(occurred_at.isoformat()[:10], {})
        for counter in counters_of(click):
            counts[counter] = counts.get(counter, 0) + 1
    return sums


def counters_of(click: Click) -> tuple[str, ...]:
    """Return the counters that a click adds one to."""
    visitor, hour = click.visitor, click.occurred_at.hour
    if visitor.is_bot:
        return (BOT_HOURS[hour],)
    return (
        HOURS[hour],
        f"c:{visitor.country}",
        f"d:{visitor.device}",
        f"w:{visitor.browser}",
        f"o:{visitor.os}",
        f"r:{visitor.referrer}",
        f"l:{visitor.language}",
    )


def merge(tallies: Iterable[Tally]) -> Tally:
    """Sum up tallies; those given stay as they are."""
    sums: Tally = {}
    for one in tallies:
        for key, days in one.items():
            merged = sums.setdefault(key, {})
            for day, counts in days.items():
                into = merged.setdefault(day, {})
                for counter, number in counts.items():
                    into[counter] = into.get(counter, 0) + number
    return sums


def totals(counts: Mapping[str, int]) -> Totals:
    """Return a day's people and machines."""
    clicks = sum(counts.get(hour, 0) for hour in HOURS)
    return Totals(clicks, sum(counts.get(hour, 0) for hour in BOT_HOURS))
