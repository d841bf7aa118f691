"""A series of clicks drawn with characters: people solid, machines on top of them, shaded."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

PEOPLE = "█"
MACHINES = "░"
_FRAME_COLUMNS = 12
_LABEL_COLUMNS = 12


def draw_series(series: Sequence[Mapping[str, Any]], width: int, height: int = 14) -> str:
    """Draw clicks by day or hour. Where there are too many for the width, neighbours are added up.

    No colours: what is what shows without them, on any background, and in any eye.

    Parameters
    ----------
    series
        Entries with `date` or `time`, `clicks` and `botClicks`.
    width, height
        Of the drawing, in characters.
    """
    import plotext  # noqa: PLC0415  it takes a while to import

    room = max(width - _FRAME_COLUMNS, 10)
    each = math.ceil(len(series) / max(room // 2, 1))
    bars = [series[start : start + each] for start in range(0, len(series), each)]
    people = [sum(entry["clicks"] for entry in bar) for bar in bars]
    tops = [below + sum(entry["botClicks"] for entry in bar) for below, bar in zip(people, bars, strict=True)]
    places = list(range(1, len(bars) + 1))
    step = math.ceil(len(bars) * _LABEL_COLUMNS / room)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, height)
    figure.draw(figure.bar(places, people, lines=False, marker=PEOPLE, width=0.7))
    figure.draw(figure.bar(places, people, tops, lines=False, marker=MACHINES, width=0.7))
    figure.ruler("x").ticks(places[::step], [_label(bar[0]) for bar in bars[::step]])
    highest = max(*tops, 1)
    ticks = sorted({round(highest * part / 4) for part in range(5)})
    figure.ruler("y").lim(0, highest)
    figure.ruler("y").ticks(ticks, [f"{tick:,}" for tick in ticks])
    drawn: str = figure.build().string(colorless=True)
    return drawn.rstrip()


def _label(entry: Mapping[str, Any]) -> str:
    """Return `11-23`, or `11-23 15h`."""
    if "date" in entry:
        return str(entry["date"])[5:]
    return f"{entry['time'][5:10]} {entry['time'][11:13]}h"
