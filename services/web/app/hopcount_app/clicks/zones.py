"""Time zones: the reader's own, those to choose from, and which day it is in one."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OTHERS = (
    *("Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi"),
    *("America/Bogota", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Mexico_City"),
    *("America/New_York", "America/Sao_Paulo", "America/St_Johns", "America/Toronto"),
    *("Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Karachi", "Asia/Kolkata", "Asia/Seoul"),
    *("Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo", "Australia/Perth", "Australia/Sydney"),
    *("Europe/Athens", "Europe/Berlin", "Europe/Istanbul", "Europe/Lisbon", "Europe/London"),
    *("Europe/Madrid", "Europe/Paris", "Europe/Rome", "Europe/Stockholm", "Europe/Warsaw", "Europe/Zurich"),
    *("Pacific/Auckland", "Pacific/Honolulu"),
)
"""A zone for nearly every offset, by well-known cities."""

UNIVERSAL = "UTC"


def choices(own: str, chosen: str) -> tuple[str, ...]:
    """Return the zones to choose from: the reader's own, UTC, then others; `chosen` is always among them."""
    first = tuple(dict.fromkeys((own, UNIVERSAL)))
    rest = sorted({*OTHERS, chosen} - set(first))
    return (*first, *rest)


def label(zone: str, own: str) -> str:
    """Return what to call a zone."""
    name = zone.replace("_", " ")
    return f"{name} (yours)" if zone == own and own != UNIVERSAL else name


def own_zone() -> str:
    """Return the zone that the reader's browser is set to; UTC where no browser runs this."""
    if sys.platform == "emscripten":
        from js import Intl  # noqa: PLC0415 there is no `js` elsewhere

        return str(Intl.DateTimeFormat().resolvedOptions().timeZone or UNIVERSAL)
    return UNIVERSAL


def today(zone: str) -> date:
    """Return which day it is in a zone; in one that nobody knows, as in UTC (the API will refuse it)."""
    if sys.platform == "emscripten":  # the browser knows all zones; Python would need its own copy of them
        from js import Date, Intl, Object  # noqa: PLC0415

        try:
            format_ = Intl.DateTimeFormat.new("en-CA", Object.fromEntries([["timeZone", zone]]))
            return date.fromisoformat(str(format_.format(Date.new())))
        except Exception:  # noqa: BLE001 a RangeError of JavaScript's
            return datetime.now(UTC).date()
    try:
        return datetime.now(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.now(UTC).date()
