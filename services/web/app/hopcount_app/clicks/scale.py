"""Axes of a chart: round numbers upwards, days or hours along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from hopcount_app.clicks.words import MONTHS


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: where, and what is written there."""

    at: int
    label: str


def upwards(highest: int, most: int = 5) -> list[int]:
    """Return where a vertical axis is marked: from 0 by equal round steps to `highest` or just above.

    Parameters
    ----------
    highest
        The largest number shown.
    most
        How many marks above zero there is room for.
    """
    sizes = (factor * 10**power for power in count() for factor in (1, 2, 5))
    step = next(size for size in sizes if size * most >= highest)
    return [step * n for n in range(max(1, -(-highest // step)) + 1)]


def along(times: Sequence[datetime], most: int, *, by_hour: bool) -> list[Tick]:
    """Return where a horizontal axis is marked; positions are indexes of `times`.

    Marks are where people expect them: at midnight, on Mondays, on the first of a month.

    Parameters
    ----------
    times
        When each entry begins, by the clocks of the reader's zone.
    most
        How many labels there is room for.
    by_hour
        Whether entries are hours, not days.
    """
    for is_marked, words in (*_HOURS, *_DAYS) if by_hour else _DAYS:
        marked = [i for i, time in enumerate(times) if is_marked(time)]
        if 0 < len(marked) <= most:
            return [Tick(i, words(times[i])) for i in marked]
    return [Tick(0, _day(times[0]))] if times else []


_Rule = tuple[Callable[[datetime], bool], Callable[[datetime], str]]
"""What is marked, and with which words."""


def _every_hours(step: int) -> _Rule:
    return lambda time: time.hour % step == 0, _hour


def _every_days(step: int, remainder: int = 0) -> _Rule:
    return lambda time: time.hour == 0 and time.toordinal() % step == remainder, _day


def _every_months(step: int) -> _Rule:
    return lambda time: time.hour == 0 and time.day == 1 and (time.month - 1) % step == 0, _month


def _day(time: datetime) -> str:
    return f"{time.day} {MONTHS[time.month - 1]}"


def _hour(time: datetime) -> str:
    return f"{time.hour:02}:00" if time.hour else _day(time)


def _month(time: datetime) -> str:
    return str(time.year) if time.month == 1 else MONTHS[time.month - 1]


_HOURS: Sequence[_Rule] = (_every_hours(1), _every_hours(3), _every_hours(6), _every_hours(12))
_DAYS: Sequence[_Rule] = (
    *(_every_days(1), _every_days(2), _every_days(7, 1), _every_days(14, 1)),  # an ordinal of 1 is a Monday
    *(_every_months(1), _every_months(3), _every_months(6), _every_months(12)),
)
