"""Times as Hopcount writes them: UTC, ISO 8601, always with microseconds, so text order is time order."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""A source of the current time, always aware and in UTC. An argument wherever time matters."""


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def to_iso(moment: datetime) -> str:
    """Write an aware time as `2026-11-22T15:26:58.123456Z`.

    Parameters
    ----------
    moment
        An aware time, in any zone.

    Raises
    ------
    ValueError
        If the time is naive: its zone would be a guess.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive time has no place in an event or a row")
    # A tenth of the time that strftime takes, and each redirect writes one.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_iso(text: str) -> datetime:
    """Read an ISO 8601 time that names its zone, and return it in UTC.

    Raises
    ------
    ValueError
        If the text is no ISO 8601 time or names no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no zone in {text!r}")
    return moment.astimezone(UTC)
