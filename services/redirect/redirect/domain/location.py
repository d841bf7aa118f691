"""Write a URL into a header so that it stays one header, whatever the table holds."""

import re

from hopcount_shared.errors import NotFoundError

_SAFE = re.compile(rb"[!-~]", re.ASCII)
_WEB = re.compile(r"https?://", re.ASCII | re.IGNORECASE)


class UnsafeTargetError(NotFoundError):
    """The target is no web address: nobody is sent there."""


def to_location(url: str) -> str:
    """Return `url` with everything but visible ASCII percent-encoded.

    The links service stores nothing else, so this changes nothing unless a row was written in another way.

    Raises
    ------
    UnsafeTargetError
        If the address is not http or https.
    """
    if not _WEB.match(url):
        raise UnsafeTargetError("there is no link at this address")
    characters = (bytes([byte]) for byte in url.encode("utf-8", "surrogatepass"))
    return "".join(c.decode() if _SAFE.match(c) else f"%{c[0]:02X}" for c in characters)
