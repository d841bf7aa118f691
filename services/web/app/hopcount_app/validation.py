"""What can be told to be wrong while somebody types: the API's own rules, as far as they need no asking.

Each check returns what would be right, in words for people, or `None` where nothing is wrong. A check never
refuses what the API takes; the API has the last word on the rest.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from hopcount_cli.reserved import RESERVED

LONGEST_TARGET = 2_048
LONGEST_AGE = 31_536_000
"""A year, in seconds."""
REDIRECTS = (301, 302, 307, 308)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256

_ALIAS = re.compile(r"[A-Za-z0-9_-]{3,64}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
_LONGEST_EMAIL = 128
_SYMBOLS = frozenset("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ")
"""What Cognito takes for a symbol."""


def required(text: str) -> str | None:
    """Check that something was written."""
    return None if text.strip() else "Please fill this in."


def target(text: str, base_url: str = "") -> str | None:
    """Check where a link is to lead; it must not lead back to `base_url`."""
    scheme, _, rest = text.partition("://")
    if not text:
        return "Paste the address to shorten."
    if len(text) > LONGEST_TARGET:
        return f"An address has at most {LONGEST_TARGET:,} characters; this one has {len(text):,}."
    if any(not char.isprintable() or char.isspace() for char in text) or "\\" in text:
        return "An address has no spaces, line breaks or backslashes."
    if scheme.lower() not in {"http", "https"} or not rest or rest[0] in "/?#":
        return "An address begins with https:// or http://."
    if "@" in re.split("[/?#]", rest, maxsplit=1)[0]:
        return "An address must not carry a user name or password."
    return _host_problem(text, base_url)


def _host_problem(text: str, base_url: str) -> str | None:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        # What Python cannot read, a browser may: the API decides.
        return None
    if not (host or "").strip(".") or port == 0:
        return "An address names a host, such as example.com."
    if base_url and _own_address(base_url) in {_host(text), f"{_host(text)}:{_port(text)}"}:
        return "A short link cannot lead to another one of ours."
    return None


def _own_address(base_url: str) -> str:
    """Return our host, which is ours on any port; but with its port where that is an odd one."""
    host, port = _host(base_url), _port(base_url)
    return host if port in {80, 443} else f"{host}:{port}"


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def alias(text: str) -> str | None:
    """Check a name for a link; an empty one leaves the choice to the API."""
    if not text:
        return None
    if not _ALIAS.fullmatch(text):
        return "Use 3 to 64 letters, digits, hyphens or underscores."
    return "This word is reserved. Please choose another." if text.lower() in RESERVED else None


def expiry(moment: datetime | None, now: datetime) -> str | None:
    """Check when a link is to end, both aware; `None` is never."""
    return "Choose a time in the future." if moment is not None and moment <= now else None


def max_age(text: str) -> str | None:
    """Check for how many seconds caches may remember a link; empty is not at all."""
    if not text.strip():
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()) or int(text) > LONGEST_AGE:
        return f"Enter a whole number of seconds, at most {LONGEST_AGE:,} (a year)."
    return None


def redirect_status(status: int) -> str | None:
    """Check with which status visitors are to be sent on."""
    return None if status in REDIRECTS else "Choose 301, 302, 307 or 308."


def token_name(text: str) -> str | None:
    """Check what an API token is to be called."""
    if not text.strip():
        return "Give the token a name, to know it again."
    if len(text.strip()) > 64 or re.search(r"[\x00-\x1f\x7f]", text.strip()):
        return "A name has at most 64 characters, on one line."
    return None


def email(text: str) -> str | None:
    """Check an address for mail."""
    if not text.strip():
        return "Enter your email address."
    if not _EMAIL.fullmatch(text.strip()) or len(text.strip()) > _LONGEST_EMAIL:
        return "This does not look like an email address."
    return None


def password(text: str) -> str | None:
    """Check a new password against what the user pool wants."""
    if text != text.strip():
        return "A password neither begins nor ends with a space."
    missing = password_needs(text)
    if missing:
        return f"Still needed: {', '.join(missing)}."
    return f"At most {LONGEST_PASSWORD} characters." if len(text) > LONGEST_PASSWORD else None


def password_needs(text: str) -> tuple[str, ...]:
    """Return what a new password still lacks, in the order in which to show it."""
    wanted = {
        f"{SHORTEST_PASSWORD} characters": len(text) >= SHORTEST_PASSWORD,
        "a lower-case letter": bool(re.search("[a-z]", text)),
        "an upper-case letter": bool(re.search("[A-Z]", text)),
        "a digit": bool(re.search("[0-9]", text)),
        "a symbol": bool(_SYMBOLS & set(text)),
    }
    return tuple(need for need, is_met in wanted.items() if not is_met)


def code(text: str) -> str | None:
    """Check a code that was mailed, or that an authenticator app shows."""
    return None if re.fullmatch(r"[0-9]{6}", text.strip()) else "The code has six digits."
