"""Clicks, messages and two worlds to count in: one in memory, one in DynamoDB (moto)."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from moto import mock_aws

from analytics.counting.count_clicks import ClickLedger, Outcome
from analytics.counting.ledger import DynamoDbClickLedger
from analytics.domain.clicks import Click
from analytics.settings import ConsumerSettings
from hopcount_shared.aws import client
from hopcount_shared.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
HORIZON = timedelta(days=120)
PRODUCER = "0123456789abcdefABCDEF"
TABLES = {
    "CLICK_LEDGER_TABLE": "test-ClickLedger",
    "DAILY_STATS_TABLE": "test-DailyStats",
    "URL_SHORTENER_TABLE": "test-UrlShortener",
    "USER_TABLE": "test-User",
}
CONSUMER_SETTINGS = ConsumerSettings(
    click_queue_url="https://queue.example/clicks",
    click_ledger_table=TABLES["CLICK_LEDGER_TABLE"],
    daily_stats_table=TABLES["DAILY_STATS_TABLE"],
    url_shortener_table=TABLES["URL_SHORTENER_TABLE"],
    user_table=TABLES["USER_TABLE"],
    click_horizon_days=HORIZON.days,
)
_KEYS = {
    "CLICK_LEDGER_TABLE": [("pk", "HASH")],
    "DAILY_STATS_TABLE": [("shortCode", "HASH"), ("date", "RANGE")],
    "URL_SHORTENER_TABLE": [("id", "HASH")],
    "USER_TABLE": [("userId", "HASH")],
}


def make_click(sequence: int = 0, **changes: Any) -> Click:
    values: dict[str, Any] = {
        "short_code": "docs",
        "user_id": "ann",
        "producer": PRODUCER,
        "sequence": sequence,
        "occurred_at": NOW,
    }
    return Click(**{**values, **changes})


def message(click: Click, data: Mapping[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    """What the redirect publishes for a click, whole."""
    return {
        "id": click.id,
        "type": "LinkClicked",
        "version": 1,
        "source": "hopcount.redirect",
        "time": to_iso(click.occurred_at),
        "correlationId": "request-1",
        "data": {
            "shortCode": click.short_code,
            "userId": click.user_id,
            "producer": click.producer,
            "sequence": click.sequence,
            "occurredAt": to_iso(click.occurred_at),
            "country": "CH",
            "userAgent": "Mozilla/5.0 (secret)",
            "referrerHost": "example.org",
            "language": "de",
            **(data or {}),
        },
        **envelope,
    }


def body(click: Click) -> str:
    return json.dumps(message(click))


@dataclass(frozen=True)
class Counts:
    """Every counter there is; equal when all of them are."""

    links: Mapping[str, int]
    users: Mapping[str, int]
    days: Mapping[tuple[str, str], int]
    hours: Mapping[tuple[str, str, int], int]


def counts_of(clicks: Collection[Click]) -> Counts:
    """What a perfect counter says after these clicks."""
    return Counts(
        links=Counter(click.short_code for click in clicks),
        users=Counter(click.user_id for click in clicks),
        days=Counter((click.short_code, click.day) for click in clicks),
        hours=Counter((click.short_code, click.day, click.hour) for click in clicks),
    )


class World(Protocol):
    """Somewhere clicks are counted."""

    ledger: ClickLedger

    def add_link(self, short_code: str) -> None: ...
    def counts(self) -> Counts: ...


class FakeLedger:
    """The port, in memory."""

    def __init__(self) -> None:
        self.links: set[str] = set()
        self.claims: set[str] = set()
        self.counted: list[Click] = []

    def count(self, click: Click) -> Outcome:
        if click.id in self.claims:
            return Outcome.DUPLICATE
        if click.short_code not in self.links:
            return Outcome.REJECTED
        self.claims.add(click.id)
        self.counted.append(click)
        return Outcome.COUNTED


class FakeWorld:
    def __init__(self, ledger: FakeLedger | None = None) -> None:
        self._fake = ledger or FakeLedger()
        self.ledger: ClickLedger = self._fake

    def add_link(self, short_code: str) -> None:
        self._fake.links.add(short_code)

    def counts(self) -> Counts:
        return counts_of(self._fake.counted)


class DynamoWorld:
    def __init__(self, dynamodb: "DynamoDBClient") -> None:
        self.dynamodb = dynamodb
        self.ledger: ClickLedger = DynamoDbClickLedger(dynamodb, CONSUMER_SETTINGS)
        self._create_tables()

    def _create_tables(self) -> None:
        for name, keys in _KEYS.items():
            self.dynamodb.create_table(
                TableName=TABLES[name],
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
                KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],  # type: ignore[typeddict-item]  # the stub wants literals
            )

    def clear(self) -> None:
        for table in TABLES.values():
            self.dynamodb.delete_table(TableName=table)
        self._create_tables()

    def add_link(self, short_code: str, **attributes: Any) -> None:
        row = {
            "id": {"S": short_code},
            "userId": {"S": "ann"},
            "originalUrl": {"S": "https://example.org/"},
            "clicks": {"N": "0"},
            "botClicks": {"N": "0"},
            "change": {"S": "created"},
            "version": {"N": "1"},
        }
        self.dynamodb.put_item(TableName=TABLES["URL_SHORTENER_TABLE"], Item={**row, **attributes})

    def rows(self, table: str) -> list[dict[str, Any]]:
        return list(self.dynamodb.scan(TableName=TABLES[table], ConsistentRead=True)["Items"])

    def counts(self) -> Counts:
        days = self.rows("DAILY_STATS_TABLE")
        return Counts(
            links=_counted({r["id"]["S"]: _n(r, "clicks") for r in self.rows("URL_SHORTENER_TABLE")}),
            users=_counted({r["userId"]["S"]: _n(r, "totalClicks") for r in self.rows("USER_TABLE")}),
            days=_counted({(r["shortCode"]["S"], r["date"]["S"]): _n(r, "clicks") for r in days}),
            hours=_counted(
                {
                    (r["shortCode"]["S"], r["date"]["S"], hour): _n(r, f"h{hour:02}")
                    for r in days
                    for hour in range(24)
                }
            ),
        )


@contextmanager
def dynamo_world() -> Iterator[DynamoWorld]:
    with mock_aws():
        yield DynamoWorld(client("dynamodb"))


def _n(row: Mapping[str, Any], name: str) -> int:
    return int(row.get(name, {"N": "0"})["N"])


def _counted(numbers: Mapping[Any, int]) -> dict[Any, int]:
    return {key: number for key, number in numbers.items() if number}
