"""Where a link may lead."""

import re
from collections.abc import Collection
from typing import Any

from pydantic import HttpUrl, TypeAdapter, ValidationError

MAX_LENGTH = 2_048
_USUAL_PORTS = frozenset({80, 443})

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


def own_address(base_url: str) -> str:
    """Return what `leads_home` knows one of our own addresses by.

    That is its host, which is ours on any port; but where the address names an odd port, host and port: the
    other ports of a machine that somebody works on are other sites.

    Raises
    ------
    ValueError
        If it is no http or https URL.
    """
    url = _parse(base_url)
    return _host(url) if url.port in _USUAL_PORTS else f"{_host(url)}:{url.port}"


def leads_home(target: str, own_addresses: Collection[str]) -> bool:
    """Say whether a parsed URL leads to one of our own addresses: a loop, or a chain of them."""
    url = _parse(target)
    return _host(url) in own_addresses or f"{_host(url)}:{url.port}" in own_addresses


def _host(url: HttpUrl) -> str:
    """Return the host in one spelling: lower case, punycode, no final dot."""
    return (url.host or "").rstrip(".")


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
