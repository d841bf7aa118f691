"""Write a URL into a header so that it stays one header, whatever the table or the visitor holds."""

from __future__ import annotations

from hopcount_shared.errors import NotFoundError

LOCATION_LENGTH = 8000
"""Longer ones are not made: API Gateway lets 10,240 bytes of headers through."""

_SCHEMES = ("http://", "https://")


class UnsafeTargetError(NotFoundError):
    """The target is no web address: nobody is sent there."""


def to_location(url: str, query: str = "") -> str:
    """Return `url` with everything but visible ASCII percent-encoded.

    The links service stores nothing else, so this changes nothing unless a row was written in another way.

    Parameters
    ----------
    url
        Where to.
    query
        What the visitor's own query says, to be handed on: added to the URL's, before its fragment. Left out
        if it makes the whole longer than `LOCATION_LENGTH`.

    Raises
    ------
    UnsafeTargetError
        If the address is not http or https.
    """
    if not url[:8].lower().startswith(_SCHEMES):
        raise UnsafeTargetError("there is no link at this address")
    location = _encode(url)
    if not query:
        return location
    target, mark, fragment = location.partition("#")
    joint = "?"
    if "?" in target:
        joint = "" if target.endswith(("?", "&")) else "&"
    # A fragment of the visitor's would cut the target's off.
    longer = f"{target}{joint}{_encode(query).replace('#', '%23')}{mark}{fragment}"
    return longer if len(longer) <= LOCATION_LENGTH else location


def _encode(text: str) -> str:
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    octets = text.encode("utf-8", "surrogatepass")
    return "".join(chr(octet) if 0x20 < octet < 0x7F else f"%{octet:02X}" for octet in octets)
