"""What an owner is told about clicks: a series without gaps, and who it was."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from analytics.domain.periods import Interval, Period
from analytics.domain.tallies import BOT_HOURS, HOURS, PREFIXES, Counts

MAX_VALUES = 250
"""How many values of a dimension are told apart; the rest is `OTHER`."""

OTHER = "other"

DayCounts = Mapping[str, int]
"""The counters of a link on a UTC day: `clicks`, `botClicks` and those of `analytics.domain.tallies`."""

_DIMENSIONS = {prefix: dimension for dimension, prefix in PREFIXES.items()}


@dataclass(frozen=True)
class Clicks:
    """How many people and how many machines."""

    clicks: int = 0
    bot_clicks: int = 0

    def __add__(self, other: "Clicks") -> "Clicks":
        return Clicks(self.clicks + other.clicks, self.bot_clicks + other.bot_clicks)

    @property
    def total(self) -> int:
        """Both together."""
        return self.clicks + self.bot_clicks


_NONE = Clicks()


@dataclass(frozen=True)
class Link:
    """What statistics need to know of a link.

    Parameters
    ----------
    short_code
        Its code.
    owner
        Whose it is, or was when it was deleted.
    all_time
        Its own counters: everything since it was made.
    deleted
        Whether its owner has deleted it.
    """

    short_code: str
    owner: str
    all_time: Clicks = _NONE
    deleted: bool = False


@dataclass(frozen=True)
class Entry:
    """What happened on one day or in one hour.

    Parameters
    ----------
    at
        The day, or the aware time of the zone at which the hour begins.
    counts
        The clicks.
    """

    at: date | datetime
    counts: Clicks


class Summary:
    """Clicks in a period, of one link or of several.

    Parameters
    ----------
    period
        The period.
    """

    def __init__(self, period: Period) -> None:
        self.period = period
        self._whole_days = period.is_utc and period.interval is Interval.DAY
        # Entries by number: two hours that a clock shows alike would be equal as times.
        self._numbers = {} if self._whole_days else _numbers_of_hours(period)
        self._at: Sequence[date] = period.days.days
        if period.interval is Interval.HOUR:
            self._at = [hour.begins for hour in period.hours]
        self._people = [0] * len(self._at)
        self._bots = [0] * len(self._at)
        self._values: dict[str, Counts] = {dimension: {} for dimension in PREFIXES}

    def add(self, days: Mapping[date, DayCounts]) -> Clicks:
        """Add a link's days in UTC, and return its clicks in the period."""
        all_people = all_bots = 0
        for day, counts in days.items():
            for number, people, bots in self._entries_of(day, counts):
                self._people[number] += people
                self._bots[number] += bots
                all_people += people
                all_bots += bots
            if day in self.period.days:
                self._add_values(counts)
        return Clicks(all_people, all_bots)

    @property
    def in_period(self) -> Clicks:
        """The sums over the series."""
        return Clicks(sum(self._people), sum(self._bots))

    @property
    def series(self) -> Sequence[Entry]:
        """One entry for every day or hour of the period, in order."""
        counts = map(Clicks, self._people, self._bots)
        return [Entry(at, clicks) for at, clicks in zip(self._at, counts, strict=True)]

    @property
    def breakdowns(self) -> Mapping[str, Counts]:
        """People by each dimension's values, most first and `OTHER` last, on the UTC days of these dates."""
        return {dimension: _ranked(values) for dimension, values in self._values.items()}

    def _entries_of(self, day: date, counts: DayCounts) -> Iterator[tuple[int, int, int]]:
        if not self._whole_days:
            for hour, (people, bots) in enumerate(zip(HOURS, BOT_HOURS, strict=True)):
                number = self._numbers.get((day, hour))
                if number is not None:
                    yield number, counts.get(people, 0), counts.get(bots, 0)
        elif day in self.period.days:
            number = day.toordinal() - self.period.days.first.toordinal()
            yield number, counts.get("clicks", 0), counts.get("botClicks", 0)

    def _add_values(self, counts: DayCounts) -> None:
        for name, count in counts.items():
            prefix, colon, value = name.partition(":")
            if colon:
                values = self._values[_DIMENSIONS[prefix]]
                values[value] = values.get(value, 0) + count


@dataclass(frozen=True)
class LinkStatistics:
    """A link's clicks, in a period and of all time."""

    link: Link
    summary: Summary


@dataclass(frozen=True)
class LinkClicks:
    """A link and its clicks in a period."""

    short_code: str
    counts: Clicks


@dataclass(frozen=True)
class AccountStatistics:
    """The clicks of all links that somebody ever had.

    Parameters
    ----------
    links
        How many links.
    followed
        How many of them were ever followed.
    in_series
        How many of those the summary covers.
    all_time
        The sums of all links' own counters.
    top
        The links that are there and were followed most in the period.
    summary
        Their clicks in the period.
    """

    links: int
    followed: int
    in_series: int
    all_time: Clicks
    top: Sequence[LinkClicks]
    summary: Summary


def is_counter(name: str) -> bool:
    """Tell whether a day's attribute counts clicks; others are its keys, its version and its marks."""
    prefix, colon, _ = name.partition(":")
    return name in _PLAIN_COUNTERS or (colon != "" and prefix in _DIMENSIONS)


_PLAIN_COUNTERS = frozenset({"clicks", "botClicks", *HOURS, *BOT_HOURS})


def _numbers_of_hours(period: Period) -> Mapping[tuple[date, int], int]:
    """Return which entry of the period's series each hour in UTC belongs to."""
    if period.interval is Interval.HOUR:
        return {(hour.day, hour.hour): number for number, hour in enumerate(period.hours)}
    first = period.days.first.toordinal()
    return {(hour.day, hour.hour): hour.begins.toordinal() - first for hour in period.hours}


def _ranked(values: Counts) -> Counts:
    known = [(value, count) for value, count in values.items() if count and value != OTHER]
    known.sort(key=lambda pair: (-pair[1], pair[0]))
    rest = values.get(OTHER, 0) + sum(count for _, count in known[MAX_VALUES:])
    return dict(known[:MAX_VALUES]) | ({OTHER: rest} if rest else {})
