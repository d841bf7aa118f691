"""What API Gateway is given back: a redirect, or a page or problem details (RFC 9457), as the client prefers.

The mapping from errors to status codes is the redirect's own, since `hopcount_shared.http` needs Powertools.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from hopcount_shared.errors import GoneError, HopcountError, NotFoundError, UnavailableError
from redirect.pages import CONTENT_SECURITY_POLICY, page
from redirect.service import Redirection

Response = dict[str, Any]

NO_STORE = "no-store"


@dataclass(frozen=True)
class _Refusal:
    status: HTTPStatus
    slug: str
    title: str
    text: str


_REFUSALS: Mapping[type[HopcountError], _Refusal] = {
    NotFoundError: _Refusal(
        HTTPStatus.NOT_FOUND,
        "not-found",
        "Not found",
        "There is no link at this address. Capital and small letters differ: was it copied whole?",
    ),
    GoneError: _Refusal(
        HTTPStatus.GONE, "gone", "Gone", "This link was deleted by its owner, or has expired."
    ),
    UnavailableError: _Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable",
        "Try again in a moment",
        "This link cannot be looked up right now.",
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
    return _response(redirection.status, headers, "")


def refuse(error: HopcountError, method: str, accept: str) -> Response:
    """Say why the visitor is not sent on.

    Parameters
    ----------
    error
        The reason: one of `NotFoundError`, `GoneError` and `UnavailableError`, or a child of theirs.
    method
        The request's method: a `HEAD` gets no body.
    accept
        The request's `Accept` header.
    """
    refusal = next(_REFUSALS[kind] for kind in type(error).__mro__ if kind in _REFUSALS)
    headers = {"Cache-Control": NO_STORE, "X-Content-Type-Options": "nosniff", "Vary": "Accept"}
    if isinstance(error, UnavailableError):
        headers["Retry-After"] = str(error.retry_after)
    if prefers_json(accept):
        headers["Content-Type"] = "application/problem+json"
        body = _problem(refusal)
    else:
        headers["Content-Type"] = "text/html; charset=utf-8"
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        headers["Referrer-Policy"] = "no-referrer"
        body = page(refusal.title, refusal.text)
    return _response(refusal.status.value, headers, "" if method == "HEAD" else body)


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


def _problem(refusal: _Refusal) -> str:
    return json.dumps(
        {
            "type": f"urn:hopcount:problem:{refusal.slug}",
            "title": refusal.title,
            "status": refusal.status.value,
            "detail": refusal.text,
        }
    )


def _response(status: int, headers: Mapping[str, str], body: str) -> Response:
    return {"statusCode": status, "headers": dict(headers), "body": body, "isBase64Encoded": False}
