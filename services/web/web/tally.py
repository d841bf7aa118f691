"""From what was done to numbers: one for each hour and kind, so few that metrics of them stay cheap."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from web.domain.usage import ERROR_KINDS, NAMES, RESULTS, SCREENS
from web.events import AppEvent

OTHER = "other"
"""A word of a later version of the app: nobody makes metrics by making up words."""


@dataclass(frozen=True)
class Series:
    """What numbers are about.

    Parameters
    ----------
    metric
        `ScreenShown`, `ActionTried`, `AppError` (how many), or `AppMilliseconds` (how long each took).
    hour
        When.
    dimensions
        Names and values that tell it from others of the same metric; all from closed lists.
    """

    metric: str
    hour: datetime
    dimensions: tuple[tuple[str, str], ...]

    @property
    def is_duration(self) -> bool:
        """Tell milliseconds from counts."""
        return self.metric == "AppMilliseconds"


def tally(events: Iterable[AppEvent]) -> dict[Series, list[int]]:
    """Add up what was done: of counts the sum alone, of durations each."""
    numbers: defaultdict[Series, list[int]] = defaultdict(list)
    for event in events:
        for series, value in _numbers(event):
            if series.is_duration or not numbers[series]:
                numbers[series].append(value)
            else:
                numbers[series][0] += value
    return dict(numbers)


def _numbers(event: AppEvent) -> Iterator[tuple[Series, int]]:
    name = _known(event.name, NAMES)
    if name == "screen":
        yield Series("ScreenShown", event.hour, (("screen", _known(event.screen, SCREENS)),)), 1
    elif name == "error":
        yield Series("AppError", event.hour, (("kind", _known(event.kind, ERROR_KINDS)),)), 1
    else:
        result = _known(event.result or "ok", RESULTS)
        yield Series("ActionTried", event.hour, (("name", name), ("result", result))), 1
    if event.milliseconds is not None:
        yield Series("AppMilliseconds", event.hour, (("name", name),)), event.milliseconds


def _known(word: str | None, words: frozenset[str]) -> str:
    return word if word in words else OTHER
