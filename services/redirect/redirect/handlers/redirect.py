"""GET and HEAD /{id}."""

from __future__ import annotations

import os

from hopcount_shared.errors import GoneError, NotFoundError, UnavailableError
from redirect import bootstrap
from redirect.domain.click import Click
from redirect.domain.intent import counts
from redirect.domain.link import DisabledError
from redirect.domain.location import UnsafeTargetError
from redirect.logs import log
from redirect.responses import redirect, refuse, static

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from redirect.responses import Response

    class Context(Protocol):
        """What Lambda tells about a request."""

        def get_remaining_time_in_millis(self) -> int:
            """Return the milliseconds until the timeout."""


if "AWS_LAMBDA_RUNTIME_API" in os.environ:  # in a sandbox: nobody waits for this yet
    bootstrap.application().start()


def handler(event: dict[str, Any], context: Context) -> Response:
    """Send a visitor on, and count them once they are on their way."""
    application = bootstrap.application()
    click = None
    try:
        response, click = _respond(application, event)
        return response
    finally:

        def work(deadline: float, click: Click | None = click) -> None:
            if click is not None:
                application.clicks.record(click, deadline)
            application.metrics.write()

        application.after_response.end(work, context.get_remaining_time_in_millis() / 1000)


def _respond(application: bootstrap.Application, event: dict[str, Any]) -> tuple[Response, Click | None]:
    code = event.get("pathParameters", {}).get("id", "")
    if event["rawPath"].startswith("//"):  # API Gateway takes it for one
        code = ""
    headers: dict[str, str] = event.get("headers", {})
    request = event["requestContext"]
    method = request["http"]["method"]
    is_click = counts(method, headers)
    try:
        found = application.redirector.follow(code, event.get("rawQueryString", ""), counts=is_click)
    except (NotFoundError, GoneError, DisabledError, UnavailableError) as error:
        if isinstance(error, UnavailableError):
            log("ERROR", "link not read", error=type(error.__cause__).__name__, shortCode=code)
        elif isinstance(error, UnsafeTargetError):
            log("ERROR", "link leads to no web address", shortCode=code)
        return static(code, method) or refuse(error, method, headers.get("accept", "")), None
    click = Click(found.link, headers, found.at, request.get("requestId")) if is_click else None
    return redirect(found), click
