"""Where a link may lead."""

import re
from collections.abc import Collection
from typing import Any

from pydantic import HttpUrl, TypeAdapter, ValidationError

MAX_LENGTH = 2_048

_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)


def parse_target(text: str) -> str:
    """Return a URL as browsers will understand it (WHATWG), so that what is checked is what is followed.

    Parameters
    ----------
    text
        What the caller sent. A browser would quietly drop its line breaks and turn its backslashes;
        such a URL is refused, for it was not meant or not meant well.

    Raises
    ------
    ValueError
        If it is no absolute http or https URL, is too long, names a user or holds odd characters.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"must be at most {MAX_LENGTH:,} characters")
    if any(not char.isprintable() or char.isspace() for char in text) or "\\" in text:
        raise ValueError("must not contain spaces, control characters or backslashes")
    scheme, _, rest = text.partition("://")
    if scheme.lower() not in {"http", "https"} or not rest or rest[0] in "/?#":
        raise ValueError("must be an absolute http:// or https:// URL")
    if "@" in re.split("[/?#]", rest, maxsplit=1)[0]:
        raise ValueError("must not contain a user name or password")
    target = str(_parse(text))
    if len(target) > MAX_LENGTH:
        raise ValueError(f"must be at most {MAX_LENGTH:,} characters once encoded")
    return target


def host_of(target: str) -> str:
    """Return the host of an http or https URL in one spelling: lower case, punycode, no final dot.

    Raises
    ------
    ValueError
        If it is no such URL.
    """
    return (_parse(target).host or "").rstrip(".")


def leads_home(target: str, own_hosts: Collection[str]) -> bool:
    """Say whether a parsed URL leads to one of our own hosts, on any port: a loop, or a chain of them."""
    return host_of(target) in own_hosts


def _parse(text: str) -> HttpUrl:
    try:
        url = _URL.validate_python(text)
    except ValidationError as error:
        raise ValueError(_reason(error)) from None
    if url.port == 0 or not (url.host or "").strip("."):
        raise ValueError("must name a host and a port that can be reached")
    return url


def _reason(error: ValidationError) -> str:
    context: dict[str, Any] = error.errors(include_input=False, include_url=False)[0].get("ctx", {})
    return f"is no URL: {context.get('error', 'it cannot be read')}"
