import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any, cast

from hopcount_shared.observability import logger


@dataclass
class Context:
    """What Lambda tells a handler about its invocation."""

    function_name: str = "hopcount-shared-test"
    memory_limit_in_mb: int = 128
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:hopcount-shared-test"
    aws_request_id: str = "request-1"


@contextmanager
def recorded_logs() -> Iterator[list[dict[str, Any]]]:
    """What the logger writes: it took hold of standard output before pytest did."""
    handler = cast("Any", logger.registered_handler)
    text = StringIO()
    before = handler.setStream(text)
    lines: list[dict[str, Any]] = []
    try:
        yield lines
    finally:
        handler.setStream(before)
        lines += [json.loads(line) for line in text.getvalue().splitlines()]


def http_event(method: str, path: str, body: Any = None, **changes: Any) -> dict[str, Any]:
    """An API Gateway HTTP API event, payload 2.0."""
    claims = changes.pop("claims", None)
    request: dict[str, Any] = {
        "accountId": "000000000000",
        "apiId": "api",
        "domainName": "api.example.com",
        "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
        "requestId": "request-1",
        "routeKey": f"{method} {path}",
        "stage": "$default",
    }
    if claims is not None:
        request["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    event = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": request,
        "isBase64Encoded": False,
        **changes,
    }
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    return event
