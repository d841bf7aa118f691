"""The period that statistics are asked for: days of a zone, told by day or by hour."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hopcount_shared.errors import FieldError, InvalidInputError

DEFAULT_DAYS = 30
MAX_DAYS = 366
MAX_HOURLY_DAYS = 31
UTC_NAME = "UTC"
UTC_ZONE = ZoneInfo(UTC_NAME)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_ORDINAL, _LAST_ORDINAL = date.min.toordinal(), date.max.toordinal()


class Interval(StrEnum):
    """What one entry of a series covers."""

    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True)
class DayRange:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> Sequence[date]:
        """Every day of the range, in order."""
        return [date.fromordinal(n) for n in range(self.first.toordinal(), self.last.toordinal() + 1)]


class LocalHour(NamedTuple):
    """An hour as it is counted, and what the clocks of a zone show when it begins.

    Parameters
    ----------
    day, hour
        The hour in UTC, which names its counter.
    begins
        Its beginning as an aware time of the zone.
    """

    day: date
    hour: int
    begins: datetime


class PeriodRequest(NamedTuple):
    """A period as a client writes it: the parameters `from`, `to`, `tz` and `interval`."""

    first: str | None = None
    last: str | None = None
    zone: str = UTC_NAME
    interval: str = Interval.DAY.value


@dataclass(frozen=True)
class Period:
    """Which days are asked for, whose days they are, and how finely they are told.

    Parameters
    ----------
    days
        Days in the zone.
    zone
        Where a day begins.
    interval
        What one entry of the series covers.
    """

    days: DayRange
    zone: ZoneInfo = UTC_ZONE
    interval: Interval = Interval.DAY

    @property
    def is_utc(self) -> bool:
        """Whether the days are those that are counted."""
        return self.zone.key == UTC_NAME

    @property
    def utc_days(self) -> DayRange:
        """The days in UTC that the period reaches into; where clocks differ, one more on either side."""
        if self.is_utc:
            return self.days
        # One day short of what a date can be, for its hours have to exist in every zone.
        return DayRange(
            date.fromordinal(max(self.days.first.toordinal(), _FIRST_ORDINAL + 2) - 1),
            date.fromordinal(min(self.days.last.toordinal(), _LAST_ORDINAL - 2) + 1),
        )

    @functools.cached_property
    def hours(self) -> Sequence[LocalHour]:
        """Every hour of UTC that begins on a day of the period, in order."""
        hours = (
            LocalHour(day, hour, datetime.combine(day, time(hour), UTC).astimezone(self.zone))
            for day in self.utc_days.days
            for hour in range(24)
        )
        return [hour for hour in hours if hour.begins.date() in self.days]

    @property
    def is_exact(self) -> bool:
        """Whether every hour of UTC begins with an hour of the zone, and so lies in one of its days."""
        return self.is_utc or all(hour.begins.minute == hour.begins.second == 0 for hour in self.hours)


def parse_period(request: PeriodRequest, now: datetime) -> Period:
    """Read the period that a client asks for.

    Parameters
    ----------
    request
        `from` and `to` are days of the zone, both included, each `YYYY-MM-DD`. Without `to` the period ends
        today; without `from` it covers 30 days. `tz` is an IANA name, `interval` is `day` or `hour`.
    now
        The current time, aware.

    Raises
    ------
    hopcount_shared.errors.InvalidInputError
        Naming each of `to`, `from`, `tz` and `interval` that is wrong.
    """
    problems: list[FieldError] = []
    end = _parse_day("to", request.last, problems)
    start = _parse_day("from", request.first, problems)
    zone = _parse_zone(request.zone, problems)
    interval = _parse_interval(request.interval, problems)
    if problems:
        raise InvalidInputError(problems)
    end = end or now.astimezone(zone).date()
    start = start or date.fromordinal(max(end.toordinal() - DEFAULT_DAYS + 1, _FIRST_ORDINAL))
    most = MAX_DAYS if interval is Interval.DAY else MAX_HOURLY_DAYS
    if start > end:
        raise InvalidInputError([FieldError("from", "must not be after `to`, which is today if absent")])
    if (end - start).days >= most:
        message = f"must be at most {most - 1} days before `to` for `interval` {interval}"
        raise InvalidInputError([FieldError("from", message)])
    return Period(DayRange(start, end), zone, interval)


def _parse_day(field: str, text: str | None, problems: list[FieldError]) -> date | None:
    if text is None:
        return None
    try:
        # The pattern first: `fromisoformat` also reads weeks and days without hyphens.
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        problems.append(FieldError(field, "must be a day, written YYYY-MM-DD"))
    return day


def _parse_zone(name: str, problems: list[FieldError]) -> ZoneInfo:
    if name != UTC_NAME and name not in _zone_names():
        problems.append(FieldError("tz", "must be the IANA name of a time zone, for instance Europe/Zurich"))
        return UTC_ZONE
    return ZoneInfo(name)


def _parse_interval(name: str, problems: list[FieldError]) -> Interval:
    try:
        return Interval(name)
    except ValueError:
        problems.append(FieldError("interval", "must be day or hour"))
        return Interval.DAY


@functools.cache
def _zone_names() -> frozenset[str]:
    # `ZoneInfo` would open whatever file a client names; and machines differ in what else they keep there.
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())
