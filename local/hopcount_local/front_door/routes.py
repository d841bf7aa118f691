"""Which origin a path belongs to: the CDN's behaviours, in one place."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SITE_FILES = frozenset({b"/", b"/app", b"/favicon.ico", b"/robots.txt"})
_SITE_FOLDER = b"/app/"


def is_site(raw_path: bytes) -> bool:
    """Tell whether the site answers a path: `/`, `/app/*` and what browsers and crawlers ask for unbidden.

    CloudFront matches the path as RFC 3986 normalises it (and sends it on as it came), so `/%61pp/` is
    the site, `/app%2Fx` is not, and `/app/../x` is the API's.
    """
    path = normalise(raw_path)
    return path in _SITE_FILES or path.startswith(_SITE_FOLDER)


def normalise(raw_path: bytes) -> bytes:
    """Return a path with needless escapes decoded and dot segments removed, as RFC 3986 section 6.2.2 does.

    Empty segments stay: `//app/` is another path than `/app/`.
    """
    if b"%" in raw_path:
        raw_path = _ESCAPE.sub(_decode_unreserved, raw_path)
    if b"/." not in raw_path:
        return raw_path
    kept: list[bytes] = []
    segments = raw_path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment != b".":
            kept.append(segment)
    if segments[-1] in {b".", b".."}:
        kept.append(b"")
    return b"/" + b"/".join(kept)


def _decode_unreserved(match: re.Match[bytes]) -> bytes:
    byte = int(match[1], 16)
    return bytes([byte]) if byte in _UNRESERVED else match[0]
