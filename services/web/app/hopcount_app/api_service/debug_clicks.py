"""Made-up clicks: the same ones each time, with days and nights, workdays and weekends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import accumulate, pairwise
from zlib import crc32
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hopcount_app.api_service.models import Point

Days = Mapping[date, tuple[int, int]]
"""Clicks of people and of machines on days in UTC."""

_WEEK = (1.1, 1.2, 1.15, 1.1, 0.95, 0.55, 0.5)
_HOURS = (2, 1, 1, 1, 1, 2, 4, 8, 13, 17, 18, 17, 14, 15, 17, 17, 16, 14, 12, 11, 11, 9, 6, 4)
_UNTIL = (0.0, *(n / sum(_HOURS) for n in accumulate(_HOURS)))
"""Which part of a day's clicks has come when an hour begins."""

_WHO: Mapping[str, Mapping[str, int]] = {
    "country": {
        "CH": 31,
        "DE": 22,
        "US": 14,
        "AT": 9,
        "FR": 7,
        "GB": 6,
        "IT": 4,
        "NL": 3,
        "IN": 2,
        "unknown": 2,
    },
    "device": {"desktop": 52, "mobile": 41, "tablet": 6, "other": 1},
    "browser": {
        "Chrome": 38,
        "Mobile Safari": 22,
        "Firefox": 14,
        "Edge": 11,
        "Safari": 9,
        "Chrome Mobile": 6,
    },
    "os": {"Windows": 33, "iOS": 25, "Android": 19, "Mac OS X": 15, "Linux": 8},
    "referrer": {
        "direct": 46,
        "www.google.com": 18,
        "news.ycombinator.com": 11,
        "www.linkedin.com": 9,
        "mastodon.social": 8,
        "github.com": 5,
        "www.reddit.com": 3,
    },
    "language": {"de": 44, "en": 36, "fr": 10, "it": 5, "es": 3, "unknown": 2},
}


@dataclass(frozen=True, slots=True)
class Traffic:
    """How a link is followed: about `people` and `machines` a day, since it was made, until it was over."""

    name: str
    since: date
    until: date
    people: float
    machines: float

    def on(self, day: date, now: datetime) -> tuple[int, int]:
        """Return the clicks of a day in UTC, as far as it has come."""
        if not self.since <= day <= min(self.until, now.date()):
            return 0, 0
        age = (day - self.since).days
        come = 1.0 if day < now.date() else _UNTIL[now.hour + 1]
        pace = come * (0.45 + 1.6 / (1 + age / 9))
        people = self.people * pace * _WEEK[day.weekday()] * (0.7 + 0.6 * chance(self.name, day, "people"))
        machines = self.machines * pace * (0.4 + 1.2 * chance(self.name, day, "machines"))
        return round(people), round(machines)

    def total(self, now: datetime) -> tuple[int, int]:
        """Return all clicks until now."""
        return _sum(self.on(day, now) for day in days_between(self.since, now.date()))


def chance(*of: object) -> float:
    """Return a number from 0 to 1 that looks random and is always the same for the same things."""
    return crc32(repr(of).encode()) / 2**32


def days_between(first: date, last: date) -> Iterable[date]:
    """Return the days from `first` to `last`, both included."""
    return (first + timedelta(n) for n in range((last - first).days + 1))


def days_of(traffic: Sequence[Traffic], first: date, last: date, now: datetime) -> Days:
    """Return the clicks of several links together; a day more on either side, for other zones."""
    wider = days_between(first - timedelta(1), last + timedelta(1))
    return {day: _sum(one.on(day, now) for one in traffic) for day in wider}


def series(days: Days, first: date, last: date, tz: str, interval: str, now: datetime) -> tuple[Point, ...]:
    """Tell clicks by days or hours of a zone, without gaps."""
    zone = zone_of(tz)
    told: dict[str, tuple[int, int]] = {}
    for day, counts in days.items():
        people, machines = (_hours(count, day, now) for count in counts)
        for hour in range(24):
            begins = datetime.combine(day, time(hour), UTC).astimezone(zone)
            if first <= begins.date() <= last:
                at = begins.date().isoformat() if interval == "day" else begins.isoformat()
                before = told.get(at, (0, 0))
                told[at] = before[0] + people[hour], before[1] + machines[hour]
    return tuple(Point(at, *counts) for at, counts in told.items())


def breakdowns(name: str, clicks: int) -> Mapping[str, Mapping[str, int]]:
    """Tell who it was that clicked; each dimension adds up to `clicks`."""
    return {dimension: _parts(name, weights, clicks) for dimension, weights in _WHO.items()}


def zone_of(name: str) -> tzinfo:
    """Return a zone; where the system does not know it, UTC has to do."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _hours(count: int, day: date, now: datetime) -> Sequence[int]:
    come = _UNTIL[now.hour + 1] if day == now.date() else 1.0
    marks = [round(count * min(until / come, 1.0)) for until in _UNTIL]
    return [after - before for before, after in pairwise(marks)]


def _parts(name: str, weights: Mapping[str, int], clicks: int) -> Mapping[str, int]:
    skewed = {value: weight * (0.5 + chance(name, value)) for value, weight in weights.items()}
    marks = [0, *(round(clicks * part / sum(skewed.values())) for part in accumulate(skewed.values()))]
    counts = {v: after - before for v, before, after in zip(skewed, marks, marks[1:], strict=False)}
    return dict(sorted(((v, n) for v, n in counts.items() if n), key=lambda pair: -pair[1]))


def _sum(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    people = machines = 0
    for one in counts:
        people, machines = people + one[0], machines + one[1]
    return people, machines
