"""What a reader makes of a file: rows that can become links, and lines that cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hopcount_cli.transfer.cells import parse_count, parse_moment, parse_text


@dataclass(frozen=True, slots=True)
class Row:
    """A link as another shortener had it.

    Parameters
    ----------
    line
        Where in the file it starts, from 1.
    target
        Where it leads.
    code
        The name it is to keep; a new one is made if there is none.
    domain
        The short domain that it had, where the file says so.
    created_at, expires_at
        Aware times.
    clicks
        How often it was followed so far.
    redirect_status, max_age, pass_query
        As the API names them; only Hopcount's own exports say.
    lost
        What the file says of it and Hopcount has no place for, for instance `tags`.
    """

    line: int
    target: str
    code: str | None = None
    domain: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    clicks: int = 0
    redirect_status: int | None = None
    max_age: int | None = None
    pass_query: bool = False
    lost: tuple[str, ...] = ()

    def to_body(self) -> dict[str, Any]:
        """Write it as one row of `POST /urls/bulk`: the same row always in the same way."""
        wanted: dict[str, Any] = {"originalUrl": self.target}
        if self.code is not None:
            wanted |= {"alias": self.code, "importedClicks": self.clicks, "createdAt": _iso(self.created_at)}
        wanted |= {
            "expiresAt": _iso(self.expires_at),
            "redirectStatus": self.redirect_status,
            "maxAge": self.max_age,
            "passQuery": self.pass_query or None,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def to_export(self) -> dict[str, Any]:
        """Write it as one line of Hopcount's own export, which an import reads again."""
        fields = {
            "id": self.code,
            "originalUrl": self.target,
            "createdAt": _iso(self.created_at),
            "expiresAt": _iso(self.expires_at),
            "redirectStatus": self.redirect_status,
            "maxAge": self.max_age,
            "passQuery": self.pass_query,
            "totalClicks": self.clicks,
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line of which no link can be made."""

    line: int
    reason: str
    detail: str = ""


Record = Row | Unreadable


def make_row(
    line: int,
    target: object,
    *,
    code: str | None = None,
    domain: str | None = None,
    created: object = None,
    expires: object = None,
    clicks: object = None,
    lost: Mapping[str, object] | None = None,
) -> Record:
    """Make a row of what a file says, as it says it.

    A creation time or a number of clicks that cannot be read is lost, the link is not; an end that cannot be
    read would make the link live for ever, so that one refuses it.

    Parameters
    ----------
    lost
        What Hopcount has no place for, by name; what is empty is not missed.
    """
    gone = [name for name, value in (lost or {}).items() if value]
    try:
        text = parse_text(target)
        name = parse_text(code) if code else None
    except ValueError as error:
        return Unreadable(line, str(error))
    if not text:
        return Unreadable(line, "it says no address to lead to", name or "")
    try:
        end = parse_moment(expires)
    except ValueError:
        return Unreadable(line, "its end cannot be read as a time", f"{expires!s:.60}")
    try:
        start = parse_moment(created)
    except ValueError:
        start, gone = None, [*gone, "creation times that cannot be read"]
    try:
        number = parse_count(clicks)
    except ValueError:
        number, gone = 0, [*gone, "click numbers that cannot be read"]
    return Row(
        line,
        text,
        code=name or None,
        domain=domain,
        created_at=start,
        expires_at=end,
        clicks=number,
        lost=tuple(gone),
    )


def _iso(moment: datetime | None) -> str | None:
    """Write a time as the service does, so that what is exported again is equal."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
