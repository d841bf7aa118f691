"""What a link's owner is told about its clicks: days in UTC, none left out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hopcount_shared.errors import FieldError, InvalidInputError

DEFAULT_DAYS = 30
MAX_DAYS = 366

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class DayRange:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> Sequence[date]:
        """Every day of the range, in order."""
        length = (self.last - self.first).days + 1
        return [self.first + timedelta(days=n) for n in range(length)]


@dataclass(frozen=True)
class Clicks:
    """How many people and how many machines."""

    clicks: int = 0
    bot_clicks: int = 0


@dataclass(frozen=True)
class Link:
    """What statistics need to know of a link: whose it is, and its own counters."""

    owner: str
    all_time: Clicks


@dataclass(frozen=True)
class DayClicks:
    """What happened on one day."""

    day: date
    counts: Clicks


@dataclass(frozen=True)
class LinkStatistics:
    """A link's clicks.

    Parameters
    ----------
    short_code
        The link's code.
    range
        The days asked for.
    all_time
        The link's own counters: everything since it was made.
    series
        One entry for every day of the range, in order.
    """

    short_code: str
    range: DayRange
    all_time: Clicks
    series: Sequence[DayClicks]

    @property
    def in_range(self) -> Clicks:
        """The sums over the range."""
        return Clicks(
            clicks=sum(day.counts.clicks for day in self.series),
            bot_clicks=sum(day.counts.bot_clicks for day in self.series),
        )


def parse_range(first: str | None, last: str | None, today: date) -> DayRange:
    """Read the days that a client asks for.

    Parameters
    ----------
    first, last
        The parameters `from` and `to`, each `YYYY-MM-DD` in UTC. Without `to` the range ends today; without
        `from` it covers 30 days.
    today
        The current day in UTC.

    Raises
    ------
    hopcount_shared.errors.InvalidInputError
        Naming `from`, `to` or both.
    """
    problems: list[FieldError] = []
    end = _parse_day("to", last, problems) or today
    start = _parse_day("from", first, problems) or _days_before(end, DEFAULT_DAYS - 1)
    if problems:
        raise InvalidInputError(problems)
    if start > end:
        raise InvalidInputError([FieldError("from", "must not be after `to`, which is today if absent")])
    if (end - start).days >= MAX_DAYS:
        raise InvalidInputError([FieldError("from", f"must be at most {MAX_DAYS - 1} days before `to`")])
    return DayRange(start, end)


def daily_series(days: DayRange, counted: Mapping[date, Clicks]) -> Sequence[DayClicks]:
    """Return one entry for every day of the range; a day without a row had no clicks."""
    return [DayClicks(day, counted.get(day, Clicks())) for day in days.days]


def _parse_day(field: str, text: str | None, problems: list[FieldError]) -> date | None:
    if text is None:
        return None
    try:
        # The pattern first: `fromisoformat` also reads weeks and days without hyphens.
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        problems.append(FieldError(field, "must be a day in UTC, written YYYY-MM-DD"))
    return day


def _days_before(day: date, count: int) -> date:
    return date.fromordinal(max(day.toordinal() - count, date.min.toordinal()))
