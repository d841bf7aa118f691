"""A link, the changes its owner may make, and the places it takes in lists."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from hopcount_shared.base62 import from_bytes
from hopcount_shared.times import to_iso
from links.domain.codes import is_link_id

DEFAULT_REDIRECT_STATUS = 301

REQUEST_MEMORY = timedelta(hours=24)
"""For how long a repeated request finds what it made the first time."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@dataclass(frozen=True)
class Link:
    """A link, alive or deleted.

    Parameters
    ----------
    id
        Its code or alias.
    original_url
        Where it leads, as browsers write it.
    owner
        The `sub` of whoever made it, also once it is deleted.
    created_at, updated_at
        The latter moves with each change by the owner, never with a click.
    request_id
        Names the request that made it.
    clicks, bot_clicks
        Counters, which others keep.
    imported_clicks
        What had been counted elsewhere before the link came here: nobody can prove it, so it stands apart.
    version
        Raised by each change by the owner.
    expires_at
        From then on it leads nowhere.
    deleted_at
        Since when it is in the owner's trash.
    redirect_status
        301, 302, 307 or 308; 301 if not set.
    max_age
        For how many seconds browsers may remember it; not at all if not set.
    pass_query
        Whether the visitor's query string goes on to the target.
    disabled_at, disabled_reason
        Since when, and why, whoever runs the service lets nobody follow it.
    erased_at
        Since when it is but the name of something forgotten: it has no owner and no target any more.
    """

    id: str
    original_url: str
    owner: str
    created_at: datetime
    updated_at: datetime
    request_id: str
    clicks: int = 0
    bot_clicks: int = 0
    version: int = 1
    expires_at: datetime | None = None
    deleted_at: datetime | None = None
    redirect_status: int | None = None
    max_age: int | None = None
    pass_query: bool = False
    imported_clicks: int = 0
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
    erased_at: datetime | None = None

    @property
    def total_clicks(self) -> int:
        """What was counted here and before it came here."""
        return self.clicks + self.imported_clicks

    @property
    def etag(self) -> str:
        """The strong entity tag of this version."""
        return f'"{self.version}"'

    @property
    def position(self) -> "Position":
        """Its place in its owner's lists."""
        return Position(to_iso(self.created_at), self.id)

    def mentions(self, text: str) -> bool:
        """Say whether its name or its target holds a text, in whatever case."""
        wanted = text.casefold()
        return wanted in self.id.casefold() or wanted in self.original_url.casefold()


class LinkChanges(TypedDict, total=False):
    """What an owner changes: only the keys that are there; `None` clears."""

    original_url: str
    expires_at: datetime | None
    redirect_status: int
    max_age: int | None
    pass_query: bool


@dataclass(frozen=True)
class Position:
    """A place in a list, newest first; what follows it is the next page."""

    created_at: str
    link_id: str

    def to_cursor(self) -> str:
        """Write the place as text that means nothing to a client."""
        text = json.dumps([self.created_at, self.link_id], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def from_cursor(cls, cursor: str) -> "Position":
        """Read a place back.

        Raises
        ------
        ValueError
            If the text is no cursor.
        """
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (ValueError, binascii.Error, RecursionError):
            raise ValueError("is no cursor of ours") from None
        match parts:
            case [str(created_at), str(link_id)] if _MOMENT.fullmatch(created_at) and is_link_id(link_id):
                return cls(created_at, link_id)
        raise ValueError("is no cursor of ours")


@dataclass(frozen=True)
class Page:
    """Some links, newest first, and where to go on if there are more."""

    links: Sequence[Link]
    next: Position | None


@dataclass(frozen=True)
class RequestId:
    """Names a request that may be repeated: who sent it, its key, and what it asked for.

    Parameters
    ----------
    seed
        Hash of the caller and their key.
    content
        Hash of what was asked for.
    """

    seed: str
    content: str

    @classmethod
    def of(cls, owner: str, key: str, content: str) -> "RequestId":
        """Derive it from the caller, their `Idempotency-Key` and the body."""
        return cls(_digest(json.dumps([owner, key])), _digest(content))

    def __str__(self) -> str:
        return f"{self.seed}.{self.content}"

    def made(self, link: Link) -> bool:
        """Say whether a link comes from this request, whatever it asked for."""
        return link.request_id.partition(".")[0] == self.seed


def _digest(text: str) -> str:
    return from_bytes(hashlib.sha256(text.encode()).digest(), 22)
