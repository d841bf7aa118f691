"""How long ago something was, in few words."""

from __future__ import annotations

from datetime import datetime, timedelta

_STEPS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def ago(then: datetime, now: datetime) -> str:
    """Return `3 days ago`; what is younger than a minute, or not yet, is `just now`."""
    return next((f"{length} ago" for length in [_length(now - then)] if length), "just now")


def left(until: datetime, now: datetime) -> str:
    """Return `in 3 days`; what is less than a minute away, or over, is `now`."""
    return next((f"in {length}" for length in [_length(until - now)] if length), "now")


def _length(span: timedelta) -> str:
    for size, name in _STEPS:
        if span >= size:
            count = span // size
            return f"{count} {name}{'' if count == 1 else 's'}"
    return ""
