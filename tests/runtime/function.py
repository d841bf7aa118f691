"""The redirect as Lambda runs it: out of its zip, by the official runtime client."""

import json
from dataclasses import dataclass
from typing import Any

from tests.runtime.installation import Installation
from tests.support.aws_endpoint import AwsEndpoint
from tests.support.runtime_api import Invocation, Sandbox

HANDLER = "redirect.handlers.redirect.handler"
TIMEOUT_SECONDS = 6.0
"""As the template has it."""

QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/clicks"
BUS = "hopcount-test"
TABLE = "hopcount-test-UrlShortener"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@dataclass
class Function:
    """Makes sandboxes of the redirect.

    Parameters
    ----------
    installed
        The function and what runs it.
    aws
        What it calls.
    """

    installed: Installation
    aws: AwsEndpoint

    @property
    def environment(self) -> dict[str, str]:
        """All that the function is configured with."""
        return {
            **self.installed.environment,
            **self.aws.environment,
            "_HANDLER": HANDLER,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "LAMBDA_TASK_ROOT": str(self.installed.function),
            "TABLE_NAME": TABLE,
            "EVENT_BUS_NAME": BUS,
            "CLICK_QUEUE_URL": QUEUE_URL,
            "CLICK_TRANSPORT": "bus",
            "CACHE_SECONDS": "10",
            "STALE_SECONDS": "3600",
            "LINK_READER": "dynamodb",
            "STAGE": "test",
        }

    def sandbox(
        self, *, handler: str = HANDLER, environment: dict[str, str] | None = None, **options: Any
    ) -> Sandbox:
        """Return a sandbox that is not started; options as `Sandbox` has them."""
        return Sandbox(
            self.installed.command(handler),
            {**self.environment, **(environment or {})},
            **{"timeout": TIMEOUT_SECONDS, "folder": self.installed.function, **options},
        )


def visit(code: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    """Return the event of a visit, as the HTTP API sends it."""
    return {
        "version": "2.0",
        "routeKey": f"{method} /{{id}}",
        "rawPath": f"/{code}",
        "rawQueryString": "",
        "headers": {
            "accept": "text/html",
            "accept-language": "de-CH,de;q=0.9",
            "cloudfront-viewer-country": "CH",
            "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "user-agent": FIREFOX,
            "x-forwarded-for": "198.51.100.7",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        "requestContext": {
            "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "http": {
                "method": method,
                "path": f"/{code}",
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.7",
                "userAgent": FIREFOX,
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": f"{method} /{{id}}",
            "stage": "$default",
        },
        "pathParameters": {"id": code},
        "isBase64Encoded": False,
    }


def status(invocation: Invocation) -> int:
    """Return the HTTP status of an answer; there must be one."""
    assert invocation.error is None, f"{invocation.error}: {invocation.value}"
    return int(invocation.value["statusCode"])


def records(sandbox: Sandbox, message: str) -> list[dict[str, Any]]:
    """Return the log lines with a message."""
    lines = [line for line in sandbox.log.splitlines() if line.startswith("{")]
    return [record for record in map(json.loads, lines) if record.get("message") == message]
