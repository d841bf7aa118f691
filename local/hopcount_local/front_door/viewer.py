"""The headers that CloudFront makes of a viewer's request for its origin, and of an origin's answer.

All of them are overwritten, never merged (`X-Forwarded-For` aside, which is appended to): what a client
sends under these names must not be believed by anything behind the front door.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

COUNTRY_HEADER = "x-hopcount-viewer-country"
"""Local mode only: lets one request come from a country of the caller's choice."""

_COUNTRY = re.compile(r"[A-Z]{2}")
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"expect",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_SET_BY_THE_CDN = frozenset(
    {b"host", b"content-length", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"forwarded"}
)
_ANSWERED_HERE = frozenset({b"date", b"server"})


def is_country(value: str) -> bool:
    """Tell whether a value has the form of an ISO 3166-1 alpha-2 code."""
    return _COUNTRY.fullmatch(value) is not None


def header(headers: Iterable[tuple[bytes, bytes]], name: str) -> str | None:
    """Return the first value of a header, or `None`; ASGI names are lower case already."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in headers if key == wanted), None)


def origin_headers(
    headers: Headers, *, address: tuple[str, int], country: str | None, body_length: int | None
) -> Headers:
    """Return the headers that the HTTP API gets for a viewer's request.

    Parameters
    ----------
    headers
        The viewer's, names in lower case.
    address
        The viewer's IP address and port.
    country
        Two letters, or `None` when unknown.
    body_length
        Bytes of the body, `None` for a request without one.
    """
    dropped = _HOP_BY_HOP | _SET_BY_THE_CDN | _named_by_connection(headers)
    kept = [
        (name, value)
        for name, value in headers
        if name not in dropped and not name.startswith(b"cloudfront-") and name != COUNTRY_HEADER.encode()
    ]
    ip, port = address
    forwarded = [value for name, value in headers if name == b"x-forwarded-for"]
    made = [
        (b"x-forwarded-for", b", ".join([*forwarded, ip.encode()])),
        (b"x-forwarded-host", (header(headers, "host") or "").encode("latin-1")),
        (b"x-forwarded-proto", b"http"),
        (b"cloudfront-forwarded-proto", b"http"),
        (b"cloudfront-viewer-address", f"{ip}:{port}".encode()),
        (b"via", b"1.1 hopcount (local front door)"),
    ]
    if country is not None:
        made.append((b"cloudfront-viewer-country", country.encode()))
    if body_length is not None:
        made.append((b"content-length", str(body_length).encode()))
    return kept + made


def viewer_headers(headers: Headers) -> Headers:
    """Return the headers that the viewer gets for the API's answer: untouched but for the hops' own."""
    named = [(name.lower(), value) for name, value in headers]
    dropped = _HOP_BY_HOP | _ANSWERED_HERE | _named_by_connection(named)
    return [(name, value) for name, value in named if name not in dropped]


def _named_by_connection(headers: Headers) -> set[bytes]:
    values = b",".join(value for name, value in headers if name == b"connection")
    return {part.strip().lower() for part in values.split(b",") if part.strip()}
