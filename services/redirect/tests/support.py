"""What several test modules of this service need."""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from hopcount_shared.errors import UnavailableError
from redirect.aws.client import AwsClient, Service
from redirect.aws.credentials import CredentialsSource
from redirect.aws.trust import make_context
from redirect.domain.link import Link
from redirect.domain.numbering import ClickNumbers
from redirect.events import Event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOW = datetime(2026, 11, 22, 15, 26, 58, 123456, tzinfo=UTC)
CLOCK_START = NOW.replace(microsecond=0).timestamp()
PRODUCER = "0" * 22
TABLE = "hopcount-test-UrlShortener"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class FakeLinks:
    """Keeps links in memory, and remembers what was looked up."""

    def __init__(self, *links: Link, down: bool = False) -> None:
        self.links = {link.code: link for link in links}
        self.down = down
        self.asked: list[str] = []

    def get(self, code: str) -> Link | None:
        self.asked.append(code)
        if self.down:
            raise UnavailableError("down", retry_after=2)
        return self.links.get(code)


class FakeTransport:
    """Takes events, or fails as told; remembers by when it should have."""

    def __init__(self, name: str = "bus", *failures: BaseException) -> None:
        self.name = name
        self.failures = list(failures)
        self.sent: list[Event] = []
        self.deadlines: list[float] = []

    def send(self, event: Event, deadline: float) -> None:
        self.deadlines.append(deadline)
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(event)


class FakeAws:
    """Stands in for `AwsClient`: answers what it is told to, or raises it."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, Mapping[str, Any], float | None]] = []

    def call(self, operation: str, request: Mapping[str, Any], deadline: float | None = None) -> Any:
        self.calls.append((operation, request, deadline))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


class FakeClock:
    """Says what time it is, and goes on by itself if told."""

    def __init__(self, now: float = CLOCK_START, step: float = 0.0) -> None:
        self.now = now
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def make_link(code: str = "abc1234", **changes: Any) -> Link:
    return Link(**{"code": code, "url": "https://example.com/page?q=1#part", "owner": "owner-1", **changes})


def make_numbers() -> ClickNumbers:
    return ClickNumbers(lambda length: "0" * length)


def make_client(service: Service) -> AwsClient:
    """A client of what the environment says; it does not wait between attempts."""
    return AwsClient(
        service,
        "us-east-1",
        CredentialsSource(os.environ, time.time),
        os.environ,
        tls=make_context,
        connect_seconds=5,
        read_seconds=30,
        attempts=1,
        clock=time.time,
    )


def create_table() -> "DynamoDBClient":
    """Make the table as the links service does; needs the fixture `aws`."""
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    return dynamodb


def row(code: str = "abc1234", **changes: dict[str, str]) -> dict[str, Any]:
    """A row as the links service writes it."""
    return {
        "id": {"S": code},
        "originalUrl": {"S": "https://example.com/page?q=1#part"},
        "userId": {"S": "owner-1"},
        "clicks": {"N": "7"},
        "botClicks": {"N": "1"},
        "createdAt": {"S": "2026-11-01T00:00:00.000000Z"},
        "updatedAt": {"S": "2026-11-01T00:00:00.000000Z"},
        "version": {"N": "1"},
        "change": {"S": "counted"},
        **changes,
    }


def http_event(code: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    """A request as API Gateway passes it (payload 2.0) behind the CDN."""
    return {
        "version": "2.0",
        "routeKey": f"{method} /{{id}}",
        "rawPath": f"/{code}",
        "rawQueryString": "utm_source=mail",
        "headers": {
            "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "accept-language": "de-CH,de;q=0.9,en;q=0.8",
            "cloudfront-viewer-address": "198.51.100.7:46532",
            "cloudfront-viewer-country": "CH",
            "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "referer": "https://News.Example.org/item?id=42",
            "user-agent": FIREFOX,
            "x-forwarded-for": "198.51.100.7, 130.176.1.1",
            "x-forwarded-host": "hop.example",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        "queryStringParameters": {"utm_source": "mail"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
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
            "time": "22/Nov/2026:15:26:58 +0000",
            "timeEpoch": 1795361218123,
        },
        "pathParameters": {"id": code},
        "isBase64Encoded": False,
    }
