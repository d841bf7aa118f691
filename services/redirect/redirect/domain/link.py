"""A short link as the redirect sees it, and what becomes of whoever follows it."""

import re
from dataclasses import dataclass
from datetime import datetime

_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

DEFAULT_STATUS = 301


@dataclass(frozen=True)
class Link:
    """What the redirect knows about a link.

    Parameters
    ----------
    code
        The short code.
    url
        Where it leads.
    owner
        The owner's user id.
    expires_at
        From then on it is gone, if ever.
    deleted
        Whether it is gone already.
    status
        HTTP status of the redirect: 301, 302, 307 or 308.
    max_age
        For how many seconds browsers may remember the answer (and so follow it uncounted), if at all.
    """

    code: str
    url: str
    owner: str
    expires_at: datetime | None = None
    deleted: bool = False
    status: int = DEFAULT_STATUS
    max_age: int | None = None

    def is_gone(self, now: datetime) -> bool:
        """Tell whether the link is deleted or expired."""
        return self.deleted or (self.expires_at is not None and self.expires_at <= now)

    def cache_seconds(self, now: datetime) -> int:
        """Return for how long the answer may be remembered: never beyond the link's own life."""
        allowed = max(self.max_age or 0, 0)
        if self.expires_at is not None:
            allowed = min(allowed, int((self.expires_at - now).total_seconds()))
        return max(allowed, 0)


def is_code(text: str) -> bool:
    """Tell whether a path can be a short code at all; what cannot is never looked up."""
    return _CODE.fullmatch(text) is not None
