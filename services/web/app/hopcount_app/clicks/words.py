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


def people(value: int) -> str:
    """Say how many people."""
    return f"{number(value)} {'person' if value == 1 else 'people'}"


def machines(value: int) -> str:
    """Say how many machines."""
    return f"{number(value)} {'machine' if value == 1 else 'machines'}"


def begins(point: Point) -> datetime:
    """Return when a point's day or hour begins, by the clocks of its zone."""
    return datetime.fromisoformat(point.at)


def day(value: date) -> str:
    """Write a day out: `23 Nov 2026`."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


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
    text = f"{period}: {people(stats.clicks)} and {machines(stats.bot_clicks)}."
    if stats.clicks:
        text += f" Most people on {labels(stats.series)[best]}: {number(stats.series[best].clicks)}."
    return text
