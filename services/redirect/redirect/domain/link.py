"""A short link as the redirect sees it, and what becomes of whoever follows it."""

from __future__ import annotations

from datetime import datetime

from hopcount_shared.errors import HopcountError
from redirect.domain.value import Value

CODE_LENGTH = 64

DEFAULT_STATUS = 301


class DisabledError(HopcountError):
    """Nobody may follow the link: whoever runs the service disabled it.

    Parameters
    ----------
    reason
        Why, in their words; empty if they do not say.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("this link was disabled")
        self.reason = reason


class Link(Value):
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
    pass_query
        Whether the visitor's query is handed on to the target.
    disabled
        Why nobody may follow it, which may be left unsaid; None if anybody may.
    """

    __slots__ = (
        "code",
        "deleted",
        "disabled",
        "expires_at",
        "max_age",
        "owner",
        "pass_query",
        "status",
        "url",
    )

    def __init__(  # noqa: PLR0913, PLR0917 a dataclass's would be as long
        self,
        code: str,
        url: str,
        owner: str,
        expires_at: datetime | None = None,
        deleted: bool = False,  # noqa: FBT001, FBT002
        status: int = DEFAULT_STATUS,
        max_age: int | None = None,
        pass_query: bool = False,  # noqa: FBT001, FBT002
        disabled: str | None = None,
    ) -> None:
        self.code = code
        self.url = url
        self.owner = owner
        self.expires_at = expires_at
        self.deleted = deleted
        self.status = status
        self.max_age = max_age
        self.pass_query = pass_query
        self.disabled = disabled

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
    """Tell whether a path can be a code (`[A-Za-z0-9_-]{1,64}`); what cannot is never looked up."""
    # No regular expression: compiling one costs a cold start more than this ever will.
    return (
        0 < len(text) <= CODE_LENGTH and text.isascii() and text.replace("-", "_").replace("_", "0").isalnum()
    )
