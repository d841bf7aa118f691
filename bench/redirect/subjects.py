"""The functions that are measured: how each is started, what it is sent, what it has to answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.aws_endpoint import TARGET_URL
from tests.support.runtime_api import Invocation, Sandbox

from bench.redirect.installation import Installation

TIMEOUT_SECONDS = 15.0
CACHE_SECONDS = 300
"""Longer than a run: a hit is a hit."""

BLUEPRINT, BUNDLED, OURS, NOOP, BOTO3 = "blueprint", "blueprint_bundled", "ours", "noop", "boto3_client"


@dataclass(frozen=True)
class Subject:
    """A function.

    Parameters
    ----------
    name
        As it is in the figures.
    command
        Starts its runtime client.
    folder
        Where its code is.
    environment
        What it is configured with.
    redirects
        Whether it answers 301, else 200.
    """

    name: str
    command: tuple[str | Path, ...]
    folder: Path
    environment: Mapping[str, str]
    redirects: bool = True

    def sandbox(self, *, freeze: bool = False) -> Sandbox:
        """Return a sandbox for it, which is not started."""
        return Sandbox(
            self.command,
            {**self.environment, "LAMBDA_TASK_ROOT": str(self.folder)},
            freeze=freeze,
            timeout=TIMEOUT_SECONDS,
            folder=self.folder,
        )

    def check(self, invocation: Invocation) -> None:
        """Make sure that an answer is the right one.

        Raises
        ------
        SystemExit
            If it is not.
        """
        if not self.is_right(invocation.value):
            said = invocation.error or invocation.value
            raise SystemExit(f"bench-redirect: {self.name} answered {said!r}: {invocation.value!r}")

    def is_right(self, answer: Any) -> bool:
        """Return whether an answer is the right one."""
        if not isinstance(answer, dict):
            return False
        if not self.redirects:
            return bool(answer.get("statusCode") == 200)
        headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
        return bool(answer.get("statusCode") == 301 and headers.get("location") == TARGET_URL)


def subjects(installed: Installation, environment: Mapping[str, str]) -> Mapping[str, Subject]:
    """Return the functions by their names.

    Parameters
    ----------
    installed
        Where everything is.
    environment
        What they need to find the AWS they talk to.
    """
    aws = {
        **environment,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "t" * 700,
    }
    configured = {
        "TABLE_NAME": "UrlShortener",
        "EVENT_BUS_NAME": "hopcount",
        "CLICK_QUEUE_URL": f"{environment['AWS_ENDPOINT_URL']}/123456789012/clicks",
        "CLICK_TRANSPORT": "bus",
        "CACHE_SECONDS": str(CACHE_SECONDS),
        "STALE_SECONDS": "3600",
        "LINK_READER": "dynamodb",
        "STAGE": "bench",
    }

    def common(name: str, handler: str) -> Mapping[str, str]:
        # The endpoint tells them apart by their keys.
        return {**aws, "AWS_ACCESS_KEY_ID": name, "_HANDLER": handler}

    def python(name: str, folder: Path, handler: str, more: Mapping[str, str] | None = None) -> Subject:
        # Lambda's file system is read only: what has no byte code is compiled at each start.
        environment = {
            **common(name, handler),
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = (installed.python, installed.functions / "bootstrap.py", handler)
        return Subject(name, command, folder, {**environment, **(more or {})}, redirects=more is not None)

    def node(name: str, folder: Path) -> Subject:
        environment = {**common(name, "index.handler"), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
        return Subject(name, (installed.node, installed.node_client), folder, environment)

    made = [
        node(BLUEPRINT, installed.blueprint),
        node(BUNDLED, installed.bundled),
        python(OURS, installed.ours, "redirect.handlers.redirect.handler", configured),
        python(NOOP, installed.functions, "noop.handler"),
        python(BOTO3, installed.functions, "boto3_client.handler"),
    ]
    return {subject.name: subject for subject in made}


def visit(code: str) -> bytes:
    """Return the event of a visit, as the HTTP API sends it."""
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/142.0.0.0 Safari/537.36"
    )
    path = f"/{code}"
    event = {
        "version": "2.0",
        "routeKey": "GET /{id}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
            "accept-encoding": "gzip, deflate, br, zstd",
            "accept-language": "en-NZ,en;q=0.9",
            "cloudfront-viewer-country": "NZ",
            "content-length": "0",
            "host": "abcdefghij.execute-api.us-east-1.amazonaws.com",
            "referer": "https://news.example.com/story",
            "sec-fetch-dest": "document",
            "sec-fetch-mode": "navigate",
            "sec-fetch-site": "cross-site",
            "upgrade-insecure-requests": "1",
            "user-agent": agent,
            "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "domainName": "abcdefghij.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "abcdefghij",
            "http": {
                "method": "GET",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": agent,
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "GET /{id}",
            "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795348800000,
        },
        "pathParameters": {"id": code},
        "isBase64Encoded": False,
    }
    return json.dumps(event, separators=(",", ":")).encode()
