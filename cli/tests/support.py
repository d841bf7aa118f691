"""A deployment in moto, with the engine itself to count in it, and a terminal to run commands in."""

import functools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner, Result

from analytics.counting.claim import claim_clicks
from analytics.counting.counters import CounterTables, DynamoDbCounters
from analytics.counting.fold import Folder, FoldReport
from analytics.counting.journal import Entry
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.patience import Patience
from analytics.counting.ports import LeaseLostError, LedgerMismatchError
from analytics.domain.clicks import Click, Visitor
from analytics.domain.erasures import Erasure
from hopcount_cli.app import app
from hopcount_cli.ops.tools import Tools, aws_client
from hopcount_shared.base62 import random_text
from hopcount_shared.times import to_iso

STAGE = "test"
HORIZON = timedelta(days=120)
PRODUCER = "0123456789abcdefABCDEF"
QUEUES = {
    "analytics/click-queue": "clicks",
    "analytics/click-dlq": "clicks-dlq",
    "analytics/click-rule-dlq": "clicks-rule-dlq",
    "analytics/fold-queue": "folds",
    "users/link-events-queue": "link-events",
    "users/link-events-dlq": "link-events-dlq",
}
ALARM_TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
MAPPING = "0a1b2c3d"
TABLES = CounterTables(links="UrlShortener", days="DailyStats", users="User")
LEDGER = "ClickLedger"
HANDLED = "UsersInternal"
TOKENS = "ApiToken"
_KEYS = {
    LEDGER: ["pk", "sk"],
    TABLES.days: ["shortCode", "date"],
    TABLES.users: ["userId"],
    HANDLED: ["id"],
    TOKENS: ["id"],
}
_PERSON = Visitor(
    is_bot=False,
    country="CH",
    device="desktop",
    browser="Firefox",
    os="Linux",
    referrer="direct",
    language="de",
)


_client = functools.cache(aws_client)
"""Making clients takes most of the time. A test that changes one makes its own."""


def patience() -> Patience:
    left = iter(range(1000, 0, -1))
    return Patience(time_left=lambda: next(left, 0), wait=lambda _: None)


def one_by_one(do: Any, things: Any) -> None:
    for thing in things:
        do(thing)


@dataclass
class FakeMapping:
    """Lambda, as far as it has one event source mapping. A change takes until somebody has asked once."""

    state: str = "Enabled"
    stuck: bool = False
    """Whether it never gets where it was told to."""
    changes: list[bool] = field(default_factory=list)
    then: str = ""

    def get_event_source_mapping(self, UUID: str) -> dict[str, str]:  # noqa: N803  as boto3 spells it
        assert UUID == MAPPING
        now = self.state
        if self.then and not self.stuck:
            self.state, self.then = self.then, ""
        return {"State": now}

    def update_event_source_mapping(self, UUID: str, Enabled: bool) -> None:  # noqa: N803
        assert UUID == MAPPING
        if self.state not in {"Enabled", "Disabled"}:
            raise ClientError(
                {"Error": {"Code": "ResourceInUseException", "Message": ""}}, "UpdateEventSourceMapping"
            )
        self.changes.append(Enabled)
        self.state, self.then = ("Enabling", "Enabled") if Enabled else ("Disabling", "Disabled")


@dataclass
class World:
    """Everything that a command can see."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    shards: int = 1
    folding: bool = True
    """Whether a folder works while a command waits."""
    sequence: int = 0
    parameters: dict[str, str] = field(default_factory=dict)
    on_wait: list[Any] = field(default_factory=list)
    """What else happens, one thing each time that a command waits."""

    def __post_init__(self) -> None:
        self.mapping = FakeMapping()
        self.clients: dict[str, Any] = {"lambda": self.mapping}
        self.tools = Tools(client=self.client, clock=lambda: self.now, wait=self.wait)
        self.dynamodb = self.client("dynamodb")
        self.sqs = self.client("sqs")
        self.events = self.client("events")
        self.ledger = DynamoDbLedger(self.dynamodb, LEDGER, HORIZON, lambda: self.now)
        self.counters = DynamoDbCounters(self.dynamodb, TABLES, HORIZON)
        self._create_tables()
        self._create_bus()
        urls = {name: self.sqs.create_queue(QueueName=queue)["QueueUrl"] for name, queue in QUEUES.items()}
        self.urls = {name.partition("/")[2]: url for name, url in urls.items()}
        self.parameters |= {f"{name}-url": url for name, url in urls.items()}
        self.parameters |= {
            "analytics/click-ledger-table-name": LEDGER,
            "analytics/daily-stats-table-name": TABLES.days,
            "links/table-name": TABLES.links,
            "users/table-name": TABLES.users,
            "users/internal-table-name": HANDLED,
            "users/token-table-name": TOKENS,
            "analytics/click-consumer-mapping-id": MAPPING,
            "platform/alarm-topic-arn": ALARM_TOPIC,
            "platform/event-bus-name": "bus",
            "redirect/click-transport": "bus",
            "redirect/cache-seconds": "10",
            "redirect/reader-cache-seconds": "0",
            "analytics/click-horizon-days": str(HORIZON.days),
            "analytics/clicks-provable-since": "1970-01-01T00:00:00Z",
            "analytics/counting-shards": str(self.shards),
        }
        self.export(self.parameters)

    def client(self, service: str) -> Any:
        return self.clients.setdefault(service, _client(service))

    def export(self, parameters: Mapping[str, str]) -> None:
        for name, value in parameters.items():
            self.client("ssm").put_parameter(
                Name=f"/hopcount/{STAGE}/{name}", Value=value, Type="String", Overwrite=True
            )

    def _create_tables(self) -> None:
        for table, keys in _KEYS.items():
            self._create_table(table, keys)
        index = {
            "IndexName": "UserHistoryIndex",
            "KeySchema": [
                {"AttributeName": "userId", "KeyType": "HASH"},
                {"AttributeName": "createdAt", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
        self._create_table(TABLES.links, ["id"], ["userId", "createdAt"], GlobalSecondaryIndexes=[index])

    def _create_table(
        self, table: str, keys: list[str], others: list[str] | None = None, **more: Any
    ) -> None:
        kinds = zip(keys, ("HASH", "RANGE"), strict=False)
        self.dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in kinds],
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "S"} for key in [*keys, *(others or [])]
            ],
            **more,
        )

    def _create_bus(self) -> None:
        bus = self.events.create_event_bus(Name="bus")["EventBusArn"]
        self.archive = self.events.create_archive(ArchiveName="archive", EventSourceArn=bus, RetentionDays=90)
        self.parameters["platform/archive-name"] = "archive"
        for name, source in (("click", "hopcount.redirect"), ("erasure", "hopcount.links")):
            rule = self.events.put_rule(
                Name=f"{name}s", EventBusName="bus", EventPattern=json.dumps({"source": [source]})
            )
            self.parameters[f"analytics/{name}-rule-arn"] = rule["RuleArn"]

    # What happens

    def wait(self, seconds: float) -> None:
        """Let time pass: the folder may work, and whatever else is due happens."""
        self.now += timedelta(seconds=max(seconds, 0.1))
        if self.on_wait:
            self.on_wait.pop(0)()
        if self.folding:
            self.fold()

    def add_link(self, code: str, owner: str = "ann", **attributes: Any) -> None:
        row = {"id": {"S": code}, "userId": {"S": owner}, "createdAt": {"S": to_iso(self.now)}}
        self.dynamodb.put_item(TableName=TABLES.links, Item={**row, **attributes})

    def click(self, code: str, owner: str = "ann", **changes: Any) -> Click:
        """Make a click; `is_bot` and `days_ago` may be given."""
        self.sequence += 1
        visitor = _PERSON._replace(is_bot=changes.pop("is_bot", False))
        occurred_at = self.now - timedelta(days=changes.pop("days_ago", 0))
        return Click(
            **{
                "short_code": code,
                "user_id": owner,
                "producer": PRODUCER,
                "sequence": self.sequence,
                "occurred_at": occurred_at,
                "visitor": visitor,
                **changes,
            }
        )

    def journal(self, *clicks: Click) -> None:
        claim_clicks(clicks, self.ledger, self.shards, patience())

    def erase(self, kind: Any, name: str) -> None:
        entry = Entry(erasures=frozenset({Erasure(kind, name)}))
        self.ledger.claim({}, {0: entry.to_bytes()})

    def fold(self) -> None:
        folder = Folder(
            self.ledger,
            self.counters,
            delay=timedelta(0),
            lease=timedelta(seconds=75),
            clock=lambda: self.now,
            nonce=lambda: random_text(8),
            each=one_by_one,
        )
        for shard in range(self.shards):
            with suppress(LeaseLostError, LedgerMismatchError):
                folder.fold(shard, patience(), FoldReport())

    def count(self, *clicks: Click) -> None:
        self.journal(*clicks)
        self.fold()

    def lose_everything(self) -> None:
        """Delete every table, and deploy anew."""
        for table in (*_KEYS, TABLES.links):
            self.dynamodb.delete_table(TableName=table)
        self._create_tables()

    # What there is

    def update(self, table: str, key: Mapping[str, str], expression: str, **values: Any) -> None:
        """Damage a row."""
        names = {f"#{name}": name for name in values}
        self.dynamodb.update_item(
            TableName=table,
            Key={name: {"S": value} for name, value in key.items()},
            UpdateExpression=expression,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={f":{name}": {"N": str(value)} for name, value in values.items()},
        )

    def rows(self, table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.dynamodb.scan(TableName=table)["Items"]
        return found

    def numbers(self, table: str, **key: str) -> dict[str, int]:
        """Return the counters of a row that are not 0."""
        wanted = {name: {"S": value} for name, value in key.items()}
        item = self.dynamodb.get_item(TableName=table, Key=wanted).get("Item", {})
        counters = {name: int(value["N"]) for name, value in item.items() if "N" in value}
        return {
            n: c for n, c in counters.items() if c and n not in {"v", "ttl"} and not n.startswith("epoch_")
        }

    def counted(self) -> dict[str, list[dict[str, int]]]:
        """Return every counter there is, without versions and marks."""
        keys = {TABLES.links: ["id"], TABLES.days: ["shortCode", "date"], TABLES.users: ["userId"]}
        return {
            table: [
                self.numbers(table, **{name: row[name]["S"] for name in names})
                for row in sorted(self.rows(table), key=lambda row: [row[name]["S"] for name in names])
            ]
            for table, names in keys.items()
        }

    def put(self, queue: str, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=body)

    def bodies(self, queue: str) -> list[str]:
        """Return what a queue holds, as it is."""
        found: list[str] = []
        while messages := self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10, VisibilityTimeout=1000
        ).get("Messages"):
            found += [message["Body"] for message in messages]
        return found

    # The terminal

    def run(self, *arguments: str, answer: str | None = None) -> Result:
        """Run `hopcount ops ...` on this deployment."""
        return CliRunner().invoke(app, ["ops", *arguments, "--stage", STAGE], obj=self.tools, input=answer)


@contextmanager
def world_in_moto(**changes: Any) -> Iterator[World]:
    with mock_aws():
        yield World(**changes)


def envelope(click: Click, **changes: Any) -> dict[str, Any]:
    """What the redirect publishes for a click."""
    moment = to_iso(click.occurred_at)
    return {
        "id": f"{click.producer}:{click.sequence}",
        "type": "LinkClicked",
        "version": 1,
        "source": "hopcount.redirect",
        "time": moment,
        "correlationId": "request-1",
        "data": {
            "shortCode": click.short_code,
            "userId": click.user_id,
            "producer": click.producer,
            "sequence": click.sequence,
            "occurredAt": moment,
            "country": "CH",
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "referrerHost": None,
            "language": "de",
        },
        **changes,
    }
