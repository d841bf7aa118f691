"""API tokens: what one is, what it looks like, and how it is recognised without being kept.

A token is `hc_<id>_<secret>`. The id is public and names the token for ever; of the whole text only a digest
is kept. The secret is too long to be guessed, so a plain hash does what a slow one does for a password.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from hopcount_shared.base62 import random_text

SCOPES = ("links:read", "links:write", "stats:read")
"""What a token may be made for; which path needs which is said where the path is handled."""

MOST_LIVE_TOKENS = 25
"""How many tokens a user may have at once."""

ID_LENGTH = 12
SECRET_LENGTH = 32
"""Characters of 5.95 bits: 190 of them cannot be guessed."""

_TOKEN = re.compile(rf"hc_([0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH}}}")
_BEARER = re.compile(r"bearer +(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class ApiToken:
    """An API token, as far as anybody may know it: without its secret.

    Parameters
    ----------
    id
        Its public name.
    user_id
        Whose it is.
    name
        What its owner calls it.
    scopes
        What it may do, in the order of `SCOPES`.
    created_at
        When it was made.
    expires_at
        Until when it is good; None for: until it is revoked.
    last_used_on
        The day (UTC) of its last use; None before the first.
    """

    id: str
    user_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_on: date | None = None

    def is_live(self, now: datetime) -> bool:
        """Tell whether it has not expired; a revoked token is not there at all."""
        return self.expires_at is None or now < self.expires_at


def new_id() -> str:
    """Draw the id of a new token."""
    return random_text(ID_LENGTH)


def new_text(token_id: str) -> str:
    """Draw a secret, and return the whole text, which is shown once."""
    return f"hc_{token_id}_{random_text(SECRET_LENGTH)}"


def id_in(text: str) -> str | None:
    """Return the id in a token's text, or None if it is no such text."""
    match = _TOKEN.fullmatch(text)
    return match[1] if match else None


def is_id(text: str) -> bool:
    """Tell whether a text could be a token's id."""
    return len(text) == ID_LENGTH and text.isascii() and text.isalnum()


def digest_of(text: str) -> str:
    """Return what is kept of a token's text: its SHA-256, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def same_digest(one: str, other: str) -> bool:
    """Compare two digests in a time that says nothing about either."""
    return hmac.compare_digest(one, other)


def presented(headers: Mapping[str, str]) -> str | None:
    """Return the token that a request carries as `Authorization: Bearer ...` or `X-Api-Key: ...`.

    A request that says two different things is refused like one that says nothing: None.

    Parameters
    ----------
    headers
        The request's headers, by names in lower case.
    """
    said = set()
    if (authorization := headers.get("authorization")) is not None:
        match = _BEARER.fullmatch(authorization)
        said.add(match[1].strip() if match else "")
    if (key := headers.get("x-api-key")) is not None:
        said.add(key.strip())
    return said.pop() or None if len(said) == 1 else None
