"""The names of links: random codes, and aliases that people choose."""

import hashlib
import re
import secrets
from collections.abc import Iterator

from hopcount_shared.base62 import Choose, from_bytes, random_text

CODE_LENGTH = 7
"""62^7 codes: 3.5 million million."""

RESERVED = frozenset(
    {
        *("about", "account", "admin", "api", "app", "apps", "assets", "auth", "billing", "blog"),
        *("bulk", "callback", "config", "contact", "dashboard", "docs", "download", "events", "export"),
        *("favicon", "figures", "graphql", "health", "healthz", "help", "home", "img", "index", "internal"),
        *("legal", "login"),
        *("logout", "manifest", "metrics", "null", "oauth", "oauth2", "openapi", "ping", "pricing"),
        *("privacy", "public", "ready", "redoc", "register", "robots", "root", "security", "settings"),
        *("signin", "signout", "signup", "sitemap", "static", "stats", "status", "support", "swagger"),
        *("system", "terms", "test", "tokens", "undefined", "urls", "user", "users", "v1", "v2", "webhooks"),
        *("well-known", "www"),
    }
)
"""Words that are paths of ours, might become some, or would mislead a visitor. Compared in lower case."""

SHORTEST_ALIAS = 3
"""What people may choose. Links from elsewhere keep shorter codes: they are printed somewhere."""

_LINK_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_link_id(text: str) -> bool:
    """Say whether a text can be the name of a link at all: what cannot needs no look-up."""
    return _LINK_ID.fullmatch(text) is not None


def check_alias(text: str) -> str:
    """Return an alias that may be taken.

    Raises
    ------
    ValueError
        If it has characters or a length that no alias has, or is reserved.
    """
    return _check(text, SHORTEST_ALIAS)


def check_imported_code(text: str) -> str:
    """Return the code of a link that comes from elsewhere, and that may be kept.

    Raises
    ------
    ValueError
        As `check_alias` does; but one or two characters are enough.
    """
    return _check(text, 1)


def _check(text: str, shortest: int) -> str:
    if not is_link_id(text) or len(text) < shortest:
        raise ValueError(f"must be {shortest} to 64 letters, digits, `_` or `-`")
    if _is_reserved(text):
        raise ValueError("is reserved; choose another")
    return text


def random_codes(choose: Choose = secrets.choice) -> Iterator[str]:
    """Yield codes that nobody can foresee, without end."""
    while True:
        code = random_text(CODE_LENGTH, choose)
        if not _is_reserved(code):
            yield code


def derived_codes(seed: str) -> Iterator[str]:
    """Yield codes that follow from `seed` alone, without end: the same request finds its own link again."""
    number = 0
    while True:
        code = from_bytes(hashlib.sha256(f"{seed}:{number}".encode()).digest(), CODE_LENGTH)
        if not _is_reserved(code):
            yield code
        number += 1


def _is_reserved(text: str) -> bool:
    return text.lower() in RESERVED
