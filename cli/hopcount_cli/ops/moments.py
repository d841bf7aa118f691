"""Times as an operator writes them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

from analytics.domain.clicks import Provable
from hopcount_cli.errors import UsageError
from hopcount_shared.times import from_iso

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Window:
    """A time from `start` to `end`, both aware."""

    start: datetime
    end: datetime

    @property
    def padded(self) -> "Window":
        """The whole seconds around it and one more on each side: EventBridge compares no finer than that."""
        start, end = self.start.replace(microsecond=0), self.end.replace(microsecond=0)
        return Window(start - _SECOND, end + _SECOND + (_SECOND if end < self.end else timedelta(0)))

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()


def parse_window(first: str, last: str | None, now: datetime, provable: Provable) -> Window:
    """Read what is to be replayed.

    Parameters
    ----------
    first, last
        Times with a zone, or days: a day begins, or ends, at midnight UTC. Without `last`, until now.
    now
        The time.
    provable
        Which clicks the engine still accepts.

    Raises
    ------
    UsageError
        If that is no window of the past, or begins earlier than a click can be proved.
    """
    start = _parse("--from", first, timedelta(0))
    end = now if last is None else _parse("--to", last, timedelta(days=1))
    if last is not None and _DAY.fullmatch(last) and end - timedelta(days=1) <= now:
        end = min(end, now)  # today has not ended
    if end > now:
        raise UsageError(f"--to: {last} is in the future")
    if start >= end:
        raise UsageError("--from must be before --to, and in the past")
    oldest = max(now - provable.horizon, provable.since)
    if start < oldest:
        raise UsageError(
            f"--from: whether clicks from before {oldest:%Y-%m-%dT%H:%M:%SZ} were counted cannot be proved; "
            "they are refused"
        )
    return Window(start, end)


def _parse(option: str, text: str, day_adds: timedelta) -> datetime:
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time_of_day(tzinfo=UTC)) + day_adds
        return from_iso(text)
    except ValueError:
        raise UsageError(
            f"{option}: {text!r} is neither a time with a zone (2026-11-22T15:00:00Z) nor a day (2026-11-22)"
        ) from None
