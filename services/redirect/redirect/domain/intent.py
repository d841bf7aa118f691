"""Whether a request is somebody who follows the link, or only a program that looks ahead."""

from __future__ import annotations

from collections.abc import Mapping

_PREFETCH_HEADERS = (
    ("sec-purpose", "prefetch"),
    ("purpose", "prefetch"),
    ("x-purpose", "preview"),
    ("x-moz", "prefetch"),
)


def counts(method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request counts as a click: a `HEAD` or a prefetch does not.

    Parameters
    ----------
    method
        The HTTP method.
    headers
        By lower-case name, as API Gateway gives them.
    """
    return method == "GET" and not is_prefetch(headers)


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser asks on its own account, in case its user should follow the link."""
    for name, purpose in _PREFETCH_HEADERS:  # noqa: SIM110 each redirect would make a generator
        if name in headers and purpose in headers[name].lower():
            return True
    return False
