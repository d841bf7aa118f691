"""What API Gateway is given back: a redirect, or a page or problem details (RFC 9457), as the client prefers.

The mapping from errors to status codes is the redirect's own, since `hopcount_shared.http` needs Powertools.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from hopcount_shared.errors import GoneError, HopcountError, NotFoundError, UnavailableError
from redirect.domain.link import DisabledError
from redirect.domain.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from redirect.service import Redirection

    Response = dict[str, Any]

NO_STORE = "no-store"
REASON_LENGTH = 500
"""What is shown of a reason: the page stays one packet or two."""

STATIC_CACHE = "public, max-age=86400"


class _Refusal(Value):
    __slots__ = ("slug", "status", "text", "title")

    def __init__(self, status: int, slug: str, title: str, text: str) -> None:
        self.status = status
        self.slug = slug
        self.title = title
        self.text = text


_REFUSALS: Mapping[type[HopcountError], _Refusal] = {
    NotFoundError: _Refusal(
        404,
        "not-found",
        "Not found",
        "There is no link at this address. Capital and small letters differ: was it copied whole?",
    ),
    GoneError: _Refusal(410, "gone", "Gone", "This link was deleted by its owner, or has expired."),
    DisabledError: _Refusal(451, "disabled", "Disabled", "Whoever runs this service has disabled this link."),
    UnavailableError: _Refusal(
        503, "unavailable", "Try again in a moment", "This link cannot be looked up right now."
    ),
}


def redirect(redirection: Redirection) -> Response:
    """Send the visitor on."""
    seconds = redirection.cache_seconds
    headers = {
        "Location": redirection.location,
        "Cache-Control": f"public, max-age={seconds}" if seconds else NO_STORE,
        "X-Content-Type-Options": "nosniff",
    }
    return _response(redirection.link.status, headers, "")


def refuse(error: HopcountError, method: str, accept: str) -> Response:
    """Say why the visitor is not sent on.

    Parameters
    ----------
    error
        The reason: one of `NotFoundError`, `GoneError`, `DisabledError` and `UnavailableError`, or a child of
        theirs.
    method
        The request's method: a `HEAD` gets no body.
    accept
        The request's `Accept` header.
    """
    refusal = next(_REFUSALS[kind] for kind in type(error).__mro__ if kind in _REFUSALS)
    text = refusal.text
    if isinstance(error, DisabledError) and error.reason:
        text = f"{text} The reason: {error.reason[:REASON_LENGTH]}"
    headers = {"Cache-Control": NO_STORE, "X-Content-Type-Options": "nosniff", "Vary": "Accept"}
    if isinstance(error, UnavailableError):
        headers["Retry-After"] = str(error.retry_after)
    if prefers_json(accept):
        headers["Content-Type"] = "application/problem+json"
        body = _problem(refusal, text)
    else:
        from redirect.pages import CONTENT_SECURITY_POLICY, page  # noqa: PLC0415 most visitors never see one

        headers["Content-Type"] = "text/html; charset=utf-8"
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        headers["Referrer-Policy"] = "no-referrer"
        body = page(refusal.status, refusal.title, text)
    return _response(refusal.status, headers, "" if method == "HEAD" else body)


def static(path: str, method: str) -> Response | None:
    """Answer what browsers and crawlers ask for unbidden, or None; before a CDN, the site answers it."""
    if path not in {"robots.txt", "favicon.ico"}:
        return None
    from redirect.assets import FAVICON, ROBOTS  # noqa: PLC0415 asked for rarely

    is_icon = path == "favicon.ico"
    headers = {
        "Content-Type": "image/x-icon" if is_icon else "text/plain; charset=utf-8",
        "Cache-Control": STATIC_CACHE,
        "X-Content-Type-Options": "nosniff",
    }
    body = FAVICON if is_icon else ROBOTS
    return {**_response(200, headers, body if method == "GET" else ""), "isBase64Encoded": is_icon}


def prefers_json(accept: str) -> bool:
    """Tell whether a client asks for JSON more than for a page; whoever does not care gets the page."""
    weights = {"json": 0.0, "html": 0.0}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name in {"application/json", "application/problem+json"}:
            weights["json"] = max(weights["json"], _weight(parameters))
        elif name in {"text/html", "text/*", "*/*", "application/xhtml+xml"}:
            weights["html"] = max(weights["html"], _weight(parameters))
    return weights["json"] > weights["html"]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _problem(refusal: _Refusal, text: str) -> str:
    return json.dumps(
        {
            "type": f"urn:hopcount:problem:{refusal.slug}",
            "title": refusal.title,
            "status": refusal.status,
            "detail": text,
        }
    )


def _response(status: int, headers: Mapping[str, str], body: str) -> Response:
    return {"statusCode": status, "headers": dict(headers), "body": body, "isBase64Encoded": False}
