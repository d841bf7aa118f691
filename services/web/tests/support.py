"""Requests and messages as AWS hands them to a handler, and what it is given back."""

import base64
import gzip
from dataclasses import dataclass
from typing import Any, cast

from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass
class Context:
    """What Lambda tells a handler about its invocation."""

    function_name: str = "hopcount-web-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:hopcount-web-test"
    aws_request_id: str = "request-1"


CONTEXT = cast("LambdaContext", Context())


@dataclass
class Answer:
    """What the gateway is given."""

    raw: dict[str, Any]

    @property
    def status(self) -> int:
        return int(self.raw["statusCode"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.raw["headers"].items()}

    @property
    def text(self) -> str:
        body = str(self.raw["body"])
        return gzip.decompress(base64.b64decode(body)).decode() if self.raw["isBase64Encoded"] else body


def http_event(method: str, path: str, body: str | None = None, **headers: str) -> dict[str, Any]:
    """Return a request as the gateway passes it on; headers are named with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = {} if body is None else {"content-type": "application/json"}
    http = {"method": method, "path": path, "sourceIp": "203.0.113.1", "userAgent": "browser"}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {**kind, **named},
        "requestContext": {"http": http, "requestId": "request-1-published", "stage": "$default"},
        "isBase64Encoded": False,
        **({} if body is None else {"body": body}),
    }


def queue_event(*bodies: str) -> dict[str, Any]:
    """Return messages as a queue's event source mapping passes them on, named `m0`, `m1` ..."""
    records = [
        {"messageId": f"m{n}", "body": body, "eventSource": "aws:sqs"} for n, body in enumerate(bodies)
    ]
    return {"Records": records}
