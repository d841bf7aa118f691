"""Statistics as a file for spreadsheets, and when a client wants that."""

import csv
import io

from analytics.domain.periods import Interval
from analytics.domain.statistics import Summary

TEXT_CSV = "text/csv"
ENTRY_NAMES = {Interval.DAY: "date", Interval.HOUR: "time"}
"""What an entry's day or hour is called, in CSV and in JSON."""


def write_csv(summary: Summary) -> str:
    """Write a series, one line for each day or hour.

    It holds times and numbers only: nothing that a visitor sent could become a formula.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([ENTRY_NAMES[summary.period.interval], "clicks", "botClicks"])
    for entry in summary.series:
        writer.writerow([entry.at.isoformat(), entry.counts.clicks, entry.counts.bot_clicks])
    return text.getvalue()


def file_name(subject: str, summary: Summary) -> str:
    """Return what a report is saved as, for instance `docs-2026-02-01-2026-02-28.csv`."""
    days = summary.period.days
    return f"{subject}-{days.first.isoformat()}-{days.last.isoformat()}.csv"


def prefers_csv(accept: str) -> bool:
    """Tell whether a client asks for CSV more than for JSON; whoever does not care gets JSON."""
    return _weight(accept, TEXT_CSV) > _weight(accept, "application/json")


def _weight(accept: str, media_type: str) -> float:
    """Return how welcome a media type is: what its most specific range says (RFC 9110, 12.5.1)."""
    weights: dict[str, float] = {}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weights[name] = max(weights.get(name, 0.0), _quality(parameters))
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((weights[name] for name in ranges if name in weights), 0.0)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return quality if 0 <= quality <= 1 else 0.0
    return 1.0
