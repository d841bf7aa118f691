"""GET and HEAD /{id}."""

from typing import Any

from hopcount_shared.errors import GoneError, NotFoundError, UnavailableError
from redirect import bootstrap
from redirect.domain.location import UnsafeTargetError
from redirect.domain.visit import read_visit
from redirect.logs import log
from redirect.responses import redirect, refuse


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Send a visitor on."""
    code = event.get("pathParameters", {}).get("id", "")
    headers: dict[str, str] = event.get("headers", {})
    request = event["requestContext"]
    method = request["http"]["method"]
    try:
        redirection = bootstrap.redirector().follow(
            code, read_visit(method, headers), request.get("requestId")
        )
    except (NotFoundError, GoneError, UnavailableError) as error:
        if isinstance(error, UnavailableError):
            log("ERROR", "link not read", error=type(error.__cause__).__name__, shortCode=code)
        elif isinstance(error, UnsafeTargetError):
            log("ERROR", "link leads to no web address", shortCode=code)
        return refuse(error, method, headers.get("accept", ""))
    return redirect(redirection)
