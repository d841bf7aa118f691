"""What several test modules of this service need."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from hopcount_shared.errors import UnavailableError
from hopcount_shared.events import Envelope
from redirect.domain.link import Link
from redirect.domain.numbering import ClickNumbers

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOW = datetime(2026, 11, 22, 15, 26, 58, 123456, tzinfo=UTC)
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


class FakeClicks:
    """Keeps clicks in memory."""

    def __init__(self) -> None:
        self.recorded: list[Envelope[Any]] = []

    def record(self, click: Envelope[Any]) -> None:
        self.recorded.append(click)


class FakePublisher:
    """Publishes nowhere, or fails as told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.published: list[Envelope[Any]] = []

    def publish(self, envelopes: Sequence[Envelope[Any]]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.published += envelopes


def make_link(code: str = "abc1234", **changes: Any) -> Link:
    return Link(**{"code": code, "url": "https://example.com/page?q=1#part", "owner": "owner-1", **changes})


def make_numbers() -> ClickNumbers:
    return ClickNumbers(lambda alphabet: alphabet[0])


def create_table() -> "DynamoDBClient":
    """Make the table as the links service does; call it inside `mock_aws`."""
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
