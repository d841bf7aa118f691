"""What the fields of request bodies share: how a time is read, and how a field says what is checked."""

from datetime import datetime
from typing import Any

from pydantic import Field

from hopcount_shared.times import from_iso


def parse_moment(value: object) -> datetime:
    """Read a time as a client writes it.

    Raises
    ------
    ValueError
        If it is no ISO 8601 text with a zone, or no moment in UTC.
    """
    try:
        if isinstance(value, str):
            return from_iso(value)
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be an ISO 8601 time with its zone, for instance 2030-01-31T12:00:00Z")


def form(**said: Any) -> Any:
    """State in the OpenAPI document what the validator beside this checks."""
    return Field(json_schema_extra=said)
