"""Times as people write them: a moment, a day, or how long from now (`7d`)."""

import re
from datetime import UTC, date, datetime, timedelta

from hopcount_cli.errors import UsageError

_DURATION = re.compile(r"(\d{1,6})\s*(m|min|h|d|w|y)")
_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "y": timedelta(days=365),
}


def parse_duration(text: str) -> timedelta | None:
    """Read `90m`, `12h`, `7d`, `2w` or `1y`; return None if it is none of these."""
    found = _DURATION.fullmatch(text.strip().lower())
    try:
        return int(found[1]) * _UNITS[found[2]] if found else None
    except OverflowError:
        return None


def parse_expiry(text: str, now: datetime, option: str = "--expires") -> str:
    """Return when something ends, as the API wants it.

    Parameters
    ----------
    text
        A duration from now; a time, in this machine's zone unless it names one; or a day: the end of it.
    now
        The time.
    option
        Whose value it is.

    Raises
    ------
    hopcount_cli.errors.UsageError
        If it is none of these.
    """
    duration = parse_duration(text)
    try:
        if duration is not None:
            moment = now + duration
        elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            moment = datetime.fromisoformat(text.strip()) + timedelta(days=1)
        else:
            moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{option}: {text!r} is no time; one is 2027-01-31, 2027-01-31T18:00Z or 7d"
        ) from None


def parse_day(text: str | None, now: datetime, option: str) -> str | None:
    """Return a day as the API wants it: one that is written, or that was so long ago (`30d`).

    Raises
    ------
    hopcount_cli.errors.UsageError
        If it is neither.
    """
    if text is None:
        return None
    duration = parse_duration(text)
    try:
        if duration is not None:
            return (now - duration).date().isoformat()
        return date.fromisoformat(text.strip()).isoformat()
    except (ValueError, OverflowError):
        raise UsageError(f"{option}: {text!r} is no day; one is 2027-01-31, or 30d for so long ago") from None
