"""Clicks, their messages, what they should come to, and DynamoDB tables (moto) to count them in."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

from moto import mock_aws
from moto.dynamodb.models.dynamo_type import Item

from analytics.counting.counters import CounterTables, DynamoDbCounters
from analytics.counting.journal import Entry
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.patience import Patience
from analytics.domain.clicks import Click, Visitor, click_id
from analytics.domain.tallies import BOT_HOURS, HOURS, PREFIXES, Totals, counters_of
from analytics.figures import read_figures
from hopcount_shared.aws import client
from hopcount_shared.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
HORIZON = timedelta(days=120)
PRODUCER = "0123456789abcdefABCDEF"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PERSON = Visitor(
    is_bot=False,
    country="CH",
    device="desktop",
    browser="Firefox",
    os="Linux",
    referrer="example.org",
    language="de",
)
BOT = PERSON._replace(is_bot=True)

TABLES = {
    "CLICK_LEDGER_TABLE": "test-ClickLedger",
    "DAILY_STATS_TABLE": "test-DailyStats",
    "URL_SHORTENER_TABLE": "test-UrlShortener",
    "USER_TABLE": "test-User",
}
COUNTER_TABLES = CounterTables(
    links=TABLES["URL_SHORTENER_TABLE"], days=TABLES["DAILY_STATS_TABLE"], users=TABLES["USER_TABLE"]
)
KEYS: Mapping[str, list[tuple[str, Any]]] = {
    "CLICK_LEDGER_TABLE": [("pk", "HASH"), ("sk", "RANGE")],
    "DAILY_STATS_TABLE": [("shortCode", "HASH"), ("date", "RANGE")],
    "URL_SHORTENER_TABLE": [("id", "HASH")],
    "USER_TABLE": [("userId", "HASH")],
}
"""As infra/tables.yml and the other services have them."""


def make_click(sequence: int = 0, **changes: Any) -> Click:
    values: dict[str, Any] = {
        "short_code": "docs",
        "user_id": "ann",
        "producer": PRODUCER,
        "sequence": sequence,
        "occurred_at": NOW,
        "visitor": PERSON,
    }
    return Click(**{**values, **changes})


def message(click: Click, data: Mapping[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    """What the redirect publishes for a click, whole."""
    visitor = click.visitor
    return {
        "id": click_id(click.producer, click.sequence),
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
            "country": visitor.country,
            "userAgent": CRAWLER if visitor.is_bot else FIREFOX,
            "referrerHost": visitor.referrer,
            "language": visitor.language,
            **(data or {}),
        },
        **envelope,
    }


def body(click: Click) -> str:
    return json.dumps(message(click))


def erasure_body(kind: str, name: str) -> str:
    """What the links or the users service publishes when something is to be forgotten."""
    event, source, data = {
        "link": ("LinkErased", "hopcount.links", {"shortCode": name, "userId": "ann"}),
        "user": ("UserDeleted", "hopcount.users", {"userId": name}),
    }[kind]
    moment = to_iso(NOW)
    return json.dumps(
        {
            "id": f"erasure-of-{name}",
            "type": event,
            "version": 1,
            "source": source,
            "time": moment,
            "correlationId": None,
            "data": {**data, "occurredAt": moment},
        }
    )


def patience(tries: int = 1000) -> Patience:
    """So many looks at the clock, and no waiting."""
    left = iter(range(tries, 0, -1))
    return Patience(time_left=lambda: next(left, 0), wait=lambda _: None)


# What counters say

Numbers = dict[str, int]


@dataclass
class Counted:
    """Every counter there is that is not 0; equal when all of them are.

    Parameters
    ----------
    links, days, users
        `{"clicks": 2, ...}` by short code, by short code and day, and by user.
    """

    links: dict[str, Numbers] = field(default_factory=dict)
    days: dict[tuple[str, str], Numbers] = field(default_factory=dict)
    users: dict[str, Numbers] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[tuple[str, Any], Numbers]]:
        """Yield each row under a name that no other row has."""
        for kind, rows in (("link", self.links), ("day", self.days), ("user", self.users)):
            for key, numbers in rows.items():
                yield (kind, key), numbers


def truth_of(clicks: Iterable[Click]) -> Counted:
    """What a perfect counter says after these clicks, each of which counts once."""
    links: dict[str, Numbers] = defaultdict(Counter)
    days: dict[tuple[str, str], Numbers] = defaultdict(Counter)
    users: dict[str, Numbers] = defaultdict(Counter)
    for click in {(click.producer, click.sequence): click for click in clicks}.values():
        total = "botClicks" if click.visitor.is_bot else "clicks"
        links[click.short_code][total] += 1
        for counter in (total, *counters_of(click)):
            days[click.short_code, f"{click.occurred_at:%Y-%m-%d}"][counter] += 1
        if not click.visitor.is_bot:
            users[click.user_id]["totalClicks"] += 1
    return Counted(dict(links), dict(days), dict(users))


def sum_of(entries: Iterable[Entry]) -> dict[tuple[str, str], Numbers]:
    """What entries come to, by link and day."""
    sums: dict[tuple[str, str], Numbers] = defaultdict(Counter)
    for entry in entries:
        for key, days in entry.counts.items():
            for day, counts in days.items():
                for name, number in counts.items():
                    sums[key.short_code, day][name] += number
                    if name in HOURS or name in BOT_HOURS:
                        sums[key.short_code, day]["clicks" if name in HOURS else "botClicks"] += number
    return {key: dict(row) for key, row in sums.items()}


def check_breakdowns(numbers: Mapping[str, int]) -> None:
    """Each dimension of a day adds up to its people, and its hours to its people and its machines."""
    sums: dict[str, int] = Counter()
    for name, number in numbers.items():
        if ":" in name:
            sums[name[0]] += number
        elif name not in {"clicks", "botClicks"}:
            sums["clicks" if name in HOURS else "botClicks"] += number
    expected = dict.fromkeys((*PREFIXES.values(), "clicks"), numbers.get("clicks", 0))
    assert without_zeros(sums) == without_zeros({**expected, "botClicks": numbers.get("botClicks", 0)})


def without_zeros(numbers: Mapping[str, int]) -> Numbers:
    return {name: number for name, number in numbers.items() if number}


def excess(found: Counted, truth: Counted) -> list[str]:
    """Name every counter that is above the truth. What a breakdown calls other may be anything."""
    true = dict(truth.rows())
    return [
        f"{row} {name}: {number} > {true.get(row, {}).get(name, 0)}"
        for row, numbers in found.rows()
        for name, number in numbers.items()
        if number > true.get(row, {}).get(name, 0) and not name.endswith(":other")
    ]


# DynamoDB


def create_tables(dynamodb: "DynamoDBClient", names: Mapping[str, str]) -> None:
    """Create the tables; `names` says what each is called."""
    for table, name in names.items():
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in KEYS[table]],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in KEYS[table]],
        )


def scan(dynamodb: "DynamoDBClient", table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [dict(item) for page in pages for item in page["Items"]]


def read_counted(dynamodb: "DynamoDBClient", tables: CounterTables) -> Counted:
    """Read every counter of every row."""
    names = {"clicks", "botClicks", "totalClicks", *HOURS, *BOT_HOURS}

    def numbers(row: Mapping[str, Any]) -> Numbers:
        return {
            name: int(value["N"])
            for name, value in row.items()
            if (name in names or ":" in name) and value["N"] != "0"
        }

    def read(table: str, *key: str) -> dict[Any, Numbers]:
        rows = {tuple(row[name]["S"] for name in key): numbers(row) for row in scan(dynamodb, table)}
        return {found if len(key) > 1 else found[0]: row for found, row in rows.items() if row}

    return Counted(
        links=read(tables.links, "id"),
        days=read(tables.days, "shortCode", "date"),
        users=read(tables.users, "userId"),
    )


class DynamoWorld:
    """The four tables in moto, and the engine's adapters to them."""

    def __init__(self, dynamodb: "DynamoDBClient") -> None:
        self.dynamodb = dynamodb
        self.now = NOW
        self.ledger = DynamoDbLedger(dynamodb, TABLES["CLICK_LEDGER_TABLE"], HORIZON, lambda: self.now)
        self.counters = DynamoDbCounters(dynamodb, COUNTER_TABLES, HORIZON)
        create_tables(dynamodb, TABLES)

    def in_all(self) -> Totals:
        return read_figures(self.dynamodb, TABLES["DAILY_STATS_TABLE"])

    def clear(self) -> None:
        for table in TABLES.values():
            self.dynamodb.delete_table(TableName=table)
        create_tables(self.dynamodb, TABLES)

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

    def add_old_day(self, short_code: str, day: str, numbers: Mapping[str, int]) -> None:
        """Add a day as the engine before this one counted it."""
        counters = {name: {"N": str(number)} for name, number in numbers.items()}
        key = {"shortCode": {"S": short_code}, "date": {"S": day}}
        self.dynamodb.put_item(TableName=TABLES["DAILY_STATS_TABLE"], Item={**key, **counters})

    def rows(self, table: str) -> list[dict[str, Any]]:
        return scan(self.dynamodb, TABLES[table])

    def counted(self) -> Counted:
        return read_counted(self.dynamodb, COUNTER_TABLES)

    def claimed(self) -> Collection[tuple[str, int]]:
        """Return every claimed click as producer and sequence."""
        claims = [row for row in self.rows("CLICK_LEDGER_TABLE") if row["pk"]["S"].startswith("claim#")]
        return {
            (producer, int(block) * 64 + int(offset))
            for row in claims
            for _, producer, block in [row["pk"]["S"].split("#")]
            for offset in row["claimed"]["NS"]
        }


@contextmanager
def dynamo_world() -> Iterator[DynamoWorld]:
    with mock_aws(), mock.patch.object(Item, "update_with_attribute_updates", _update):
        yield DynamoWorld(client("dynamodb"))


def _update(
    item: Item, updates: dict[str, Any] | None, _update: Any = Item.update_with_attribute_updates
) -> None:
    """Stand in for what moto lacks: an update of nothing, which only looks whether a condition holds."""
    if updates is not None:
        _update(item, updates)
