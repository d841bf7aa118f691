"""Which clicks somebody looks at: kept in the address, so that reload, Back and a bookmark show the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

DAY = "day"
HOUR = "hour"
MOST_DAYS = {DAY: 366, HOUR: 31}
"""How many days the API reports at once, by interval."""

RANGES = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
"""How many days, today included, each range covers."""
OWN = "own"
"""The range whose first and last day somebody chose."""
USUAL_RANGE = "30d"


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a zone, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days that is."""
        return (self.last - self.first).days + 1

    def problem(self, today: date) -> str | None:
        """Say why these days cannot be reported, or return `None`."""
        if self.last < self.first:
            return "The last day comes before the first."
        if self.first > today:
            return "These days are yet to come."
        if self.days > MOST_DAYS[DAY]:
            return f"Choose {MOST_DAYS[DAY]} days at most."
        return None


@dataclass(frozen=True, slots=True)
class Choice:
    """A range, an interval and a zone.

    Parameters
    ----------
    zone
        IANA name of the time zone whose days are meant.
    range
        One of `RANGES`, or `OWN`.
    by_hour
        Whether hours are wished for; `interval` says whether they can be had.
    own
        The days, where the range is `OWN`.
    """

    zone: str
    range: str = USUAL_RANGE
    by_hour: bool = False
    own: Period | None = None

    def period(self, today: date) -> Period:
        """Return the days; `today` is the date in the zone."""
        if self.own is not None:
            return self.own
        return Period(today - timedelta(days=RANGES[self.range] - 1), today)

    @property
    def hours_can_be_had(self) -> bool:
        """Whether the days are few enough to be reported by the hour."""
        days = RANGES[self.range] if self.own is None else self.own.days
        return days <= MOST_DAYS[HOUR]

    @property
    def interval(self) -> str:
        """What the series is by: `day` or `hour`."""
        return HOUR if self.by_hour and self.hours_can_be_had else DAY

    def with_range(self, name: str) -> Choice:
        """Return the choice with one of `RANGES`."""
        return replace(self, range=name, own=None)

    def with_days(self, days: Period) -> Choice:
        """Return the choice with days of somebody's own."""
        return replace(self, range=OWN, own=days)

    def query(self, own_zone: str) -> dict[str, str]:
        """Return what to write into the address; what is usual is left out."""
        query: dict[str, str] = {}
        if self.own is not None:
            query |= {"from": self.own.first.isoformat(), "to": self.own.last.isoformat()}
        elif self.range != USUAL_RANGE:
            query["range"] = self.range
        if self.by_hour:
            query["by"] = HOUR
        if self.zone != own_zone:
            query["zone"] = self.zone
        return query


def read_choice(query: Mapping[str, str], own_zone: str) -> Choice:
    """Read a choice from an address; what makes no sense is as if it were not there.

    Parameters
    ----------
    query
        Names and values of the address's query.
    own_zone
        The reader's own zone, taken where the address names none.
    """
    wanted = query.get("range", USUAL_RANGE)
    choice = Choice(
        zone=query.get("zone") or own_zone,
        range=wanted if wanted in RANGES else USUAL_RANGE,
        by_hour=query.get("by") == HOUR,
    )
    try:
        days = Period(date.fromisoformat(query["from"]), date.fromisoformat(query["to"]))
    except (KeyError, ValueError):
        return choice
    return choice if days.problem(days.last) else choice.with_days(days)
