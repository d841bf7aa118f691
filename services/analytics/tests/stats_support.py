"""Two worlds to read statistics from, in memory and in DynamoDB (moto), and how the gateway asks for them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

from moto import mock_aws

from analytics.domain.periods import DayRange
from analytics.domain.statistics import Clicks, DayCounts, Link
from analytics.repository import DynamoDbStatistics
from analytics.settings import StatsSettings
from analytics.statistics_service import StatisticsRepository
from hopcount_shared.aws import client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SETTINGS = StatsSettings(daily_stats_table="test-DailyStats", url_shortener_table="test-UrlShortener")


class World(Protocol):
    """Somewhere statistics are read from."""

    repository: StatisticsRepository

    def add_link(
        self, short_code: str, owner: str = "ann", clicks: int = 0, bots: int = 0, *, deleted: bool = False
    ) -> None: ...
    def erase_link(self, short_code: str) -> None: ...
    def add_day(self, short_code: str, day: str, **counters: int) -> None: ...


class FakeStatistics:
    """The port, in memory."""

    def __init__(self) -> None:
        self.links: dict[str, Link] = {}
        self.days: dict[tuple[str, date], DayCounts] = {}
        self.reads: list[str] = []

    def find_link(self, short_code: str) -> Link | None:
        self.reads.append("link")
        link = self.links.get(short_code)
        return None if link is None or link.deleted else link

    def find_days(self, short_code: str, days: DayRange) -> Mapping[date, DayCounts]:
        self.reads.append(f"days of {short_code}")
        return {
            day: counts for (code, day), counts in self.days.items() if code == short_code and day in days
        }

    def find_link_codes(self, user_id: str) -> Sequence[str]:
        self.reads.append("codes")
        return [link.short_code for link in self.links.values() if link.owner == user_id]

    def find_links(self, short_codes: Sequence[str]) -> Sequence[Link]:
        self.reads.append("links")
        return [self.links[code] for code in short_codes if code in self.links]


class FakeWorld:
    def __init__(self, fake: FakeStatistics | None = None) -> None:
        self.fake = fake or FakeStatistics()
        self.repository: StatisticsRepository = self.fake

    def add_link(
        self, short_code: str, owner: str = "ann", clicks: int = 0, bots: int = 0, *, deleted: bool = False
    ) -> None:
        self.fake.links[short_code] = Link(short_code, owner, Clicks(clicks, bots), deleted)

    def erase_link(self, short_code: str) -> None:
        self.fake.links.pop(short_code, None)

    def add_day(self, short_code: str, day: str, **counters: int) -> None:
        self.fake.days[short_code, date.fromisoformat(day)] = counters


class DynamoWorld:
    def __init__(self, dynamodb: "DynamoDBClient") -> None:
        self.dynamodb = dynamodb
        self.repository: StatisticsRepository = DynamoDbStatistics(dynamodb, SETTINGS)
        self._born = 0
        self._create_table(SETTINGS.daily_stats_table, "shortCode", "date")
        history: Any = {
            "IndexName": "UserHistoryIndex",
            "KeySchema": _key("userId", "createdAt"),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
        self._create_table(SETTINGS.url_shortener_table, "id", index=history)

    def _create_table(self, name: str, *key: str, index: Any = None) -> None:
        attributes = [*key, *(part["AttributeName"] for part in index["KeySchema"])] if index else key
        self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in attributes],
            KeySchema=_key(*key),
            **({"GlobalSecondaryIndexes": [index]} if index else {}),
        )

    def add_link(
        self, short_code: str, owner: str = "ann", clicks: int = 0, bots: int = 0, *, deleted: bool = False
    ) -> None:
        self._born += 1
        row: dict[str, Any] = {
            "id": {"S": short_code},
            "userId": {"S": f"deleted#{owner}" if deleted else owner},
            "createdAt": {"S": f"2026-01-01T00:00:00.{self._born:06}Z"},
            "originalUrl": {"S": "https://example.org/"},
            "change": {"S": "created"},
            "version": {"N": "1"},
            "epoch_abc": {"N": "7"},
        }
        if deleted:
            row["deletedAt"] = {"S": "2026-02-01T00:00:00.000000Z"}
        numbers = {name: {"N": str(n)} for name, n in (("clicks", clicks), ("botClicks", bots)) if n}
        self.dynamodb.put_item(TableName=SETTINGS.url_shortener_table, Item={**row, **numbers})

    def erase_link(self, short_code: str) -> None:
        """Leave what an erasure leaves."""
        erased = {"id": {"S": short_code}, "erasedAt": {"S": "2026-02-01T00:00:00.000000Z"}}
        self.dynamodb.put_item(
            TableName=SETTINGS.url_shortener_table, Item={**erased, "epoch_abc": {"N": "9"}}
        )

    def add_day(self, short_code: str, day: str, **counters: int) -> None:
        """Put a row as it is: counters beside a version, a maker and a mark."""
        row: dict[str, Any] = {
            "shortCode": {"S": short_code},
            "date": {"S": day},
            "v": {"N": "3"},
            "by": {"S": "abc"},
            "epoch_abc": {"N": "12"},
            **{name: {"N": str(number)} for name, number in counters.items()},
        }
        self.dynamodb.put_item(TableName=SETTINGS.daily_stats_table, Item=row)

    def requests_of(self, operation: str) -> list[str]:
        """Return a list to which every request of an operation adds itself from now on."""
        requests: list[str] = []
        self.dynamodb.meta.events.register(
            f"request-created.dynamodb.{operation}",
            lambda operation_name, **_: requests.append(operation_name),
        )
        return requests


def _key(*names: str) -> Any:
    return [
        {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
    ]


@contextmanager
def dynamo_world() -> Iterator[DynamoWorld]:
    with mock_aws():
        yield DynamoWorld(client("dynamodb"))


@dataclass
class Context:
    """What Lambda tells a function about itself."""

    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id: str = "request"
    remaining_ms: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def fields(self) -> list[str]:
        """The fields that a 422 names."""
        assert self.status == 422
        return [error["field"] for error in self.json["errors"]]


def ask(
    handler: ModuleType,
    path: str,
    query: str = "",
    *,
    user: str | None = "ann",
    accept: str | None = "application/json",
    context: Context | None = None,
    **claims: Any,
) -> Answer:
    """Send a GET request as the gateway does."""
    authorizer = {"jwt": {"claims": {"sub": user, "token_use": "access", **claims}, "scopes": None}}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "GET /stats/{id}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"authorization": "Bearer secret", **({"accept": accept} if accept is not None else {})},
        "requestContext": {
            "http": {"method": "GET", "path": path, "sourceIp": "192.0.2.1"},
            "requestId": "r1",
            "stage": "$default",
            **({"authorizer": authorizer} if user else {}),
        },
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(parse_qsl(query, keep_blank_values=True))
    answer = handler.handler(event, context or Context())
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    headers |= {name.lower(): value for name, (value,) in answer.get("multiValueHeaders", {}).items()}
    return Answer(answer["statusCode"], headers, answer["body"])
