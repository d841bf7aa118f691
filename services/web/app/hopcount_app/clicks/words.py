"""How numbers, times and a whole series are put into words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from hopcount_app.api_service.models import Point, Stats

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def number(value: int) -> str:
    """Write a number out, its thousands apart."""
    return f"{value:,}"


def short_number(value: int) -> str:
    """Write a number in few characters, as an axis has room for: `950`, `1.5k`, `20M`."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value / size:.4g}{letter}"
    return str(value)


def counted(clicks: int, bot_clicks: int) -> str:
    """Say how many clicks of people and of machines."""
    return (
        f"{number(clicks)} {'click' if clicks == 1 else 'clicks'} by people, {number(bot_clicks)} by machines"
    )


def begins(point: Point) -> datetime:
    """Return when a point's day or hour begins, by the clocks of its zone."""
    return datetime.fromisoformat(point.at)


def so_far(series: Sequence[Point], now: datetime, today: date) -> Sequence[Point]:
    """Return the points that have begun: what is yet to come is told as 0, but is none.

    Parameters
    ----------
    now
        The moment, aware: hours are compared with it.
    today
        The day in the series' zone: days are compared with it.
    """
    times = [begins(point) for point in series]
    begun = sum(time <= now if time.tzinfo else time.date() <= today for time in times)
    return series[:begun]


def day(value: date) -> str:
    """Write a day out: `23 Nov 2026`."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """Write a moment out by the reader's own clock: `23 Nov 2026, 14:03`."""
    here = value.astimezone()
    return f"{day(here)}, {here:%H:%M}"


def lasting(seconds: int) -> str:
    """Write a length of time out in its largest whole unit: `90 seconds`, `5 minutes`, `1 day`."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, rest = divmod(seconds, size)
        if count and not rest:
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "0 seconds"


def days(first: str, last: str) -> str:
    """Write a period of days out: `25 Oct to 23 Nov 2026`."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if start == end:
        return day(end)
    if start.year == end.year:
        return f"{start.day} {MONTHS[start.month - 1]} to {day(end)}"
    return f"{day(start)} to {day(end)}"


def labels(series: Sequence[Point]) -> list[str]:
    """Write out when each point is: `Mon 23 Nov 2026`, by hour `Mon 23 Nov 2026, 14:00`.

    Where clocks change in between, hours say by how much they differ from UTC: two may look alike else.
    """
    times = [begins(point) for point in series]
    clocks_change = len({time.utcoffset() for time in times}) > 1
    return [_label(time, offset=clocks_change) for time in times]


def _label(time: datetime, *, offset: bool) -> str:
    words = f"{WEEKDAYS[time.weekday()]} {day(time)}"
    if time.tzinfo is not None:  # an hour: days have no zone
        words += f", {time:%H:%M}"
    return f"{words} ({time.tzname()})" if offset else words


def summary(stats: Stats) -> str:
    """Say what a chart shows, for whoever cannot see it."""
    period = f"Clicks by {stats.interval}, {days(stats.first, stats.last)}"
    if not stats.series or not stats.clicks + stats.bot_clicks:
        return f"{period}: none."
    best = max(range(len(stats.series)), key=lambda i: stats.series[i].clicks)
    text = f"{period}: {counted(stats.clicks, stats.bot_clicks)}."
    if stats.clicks:
        text += f" Most by people on {labels(stats.series)[best]}: {number(stats.series[best].clicks)}."
    return text
