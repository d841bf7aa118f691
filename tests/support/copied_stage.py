"""A stage with tables, queues and exports of its own and no functions: to restore into, beside the product.

Its clicks come from the product's bus, by a rule of its own, and are counted by the engine in this process.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analytics.counting.claim import claim_clicks
from analytics.counting.counters import CounterTables, DynamoDbCounters
from analytics.counting.fold import Folder, FoldReport
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.patience import Patience
from analytics.domain.clicks import Click
from analytics.events import read_message
from hopcount_shared.base62 import random_text
from hopcount_shared.times import utc_now
from tests.support.stack import STAGE, Stack

TABLES = {
    "links/table-name": ["id"],
    "analytics/daily-stats-table-name": ["shortCode", "date"],
    "analytics/click-ledger-table-name": ["pk", "sk"],
    "users/table-name": ["userId"],
    "users/internal-table-name": ["id"],
    "users/token-table-name": ["id"],
}
"""Keys of each table, by its export."""

HORIZON = timedelta(days=120)
_CONSUMER = f"hopcount-analytics-{STAGE}-consume-clicks"


@dataclass(frozen=True)
class CopiedStage:
    """The stage.

    Parameters
    ----------
    stack
        The product beside it.
    name
        Its own name.
    exports
        What it exports.
    """

    stack: Stack
    name: str
    exports: dict[str, str]

    def count_what_waits(self) -> None:
        """Count every click in its queue, as its consumer and its folder would."""
        sqs, url = self.stack.client("sqs"), self.exports["analytics/click-queue-url"]
        dynamodb = self.stack.dynamodb
        ledger = DynamoDbLedger(dynamodb, self.exports["analytics/click-ledger-table-name"], HORIZON, utc_now)
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found = [read_message(message["Body"]) for message in messages]
            clicks = [click for click in found if isinstance(click, Click)]
            claim_clicks(clicks, ledger, 1, _patience())
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        tables = CounterTables(
            links=self.exports["links/table-name"],
            days=self.exports["analytics/daily-stats-table-name"],
            users=self.exports["users/table-name"],
        )
        Folder(
            ledger,
            DynamoDbCounters(dynamodb, tables, HORIZON),
            delay=timedelta(0),
            lease=timedelta(seconds=60),
            clock=utc_now,
            nonce=lambda: random_text(8),
            each=lambda do, things: [do(thing) for thing in things] and None,
        ).fold(0, _patience(), FoldReport())

    def row(self, export: str, **key: str) -> dict[str, Any]:
        """Read a row of one of its tables."""
        item: dict[str, Any] = self.stack.dynamodb.get_item(
            TableName=self.exports[export],
            Key={name: {"S": value} for name, value in key.items()},
            ConsistentRead=True,
        ).get("Item", {})
        return item


def _patience() -> Patience:
    left = iter(range(100_000, 0, -1))
    return Patience(time_left=lambda: next(left), wait=lambda _: None)


@contextmanager
def copied_stage(stack: Stack, user_id: str) -> Iterator[CopiedStage]:
    """Make a stage that hears the clicks of one user, and remove it again."""
    name = f"copy{uuid.uuid4().hex[:8]}"
    prefix = f"hopcount-{name}"
    exports = {
        export: value
        for export, value in _exports_of(stack).items()
        if export.startswith(("platform/", "redirect/"))
        or not export.endswith(("-name", "-url", "-arn", "-id"))
    }
    removals: list[Any] = []
    try:
        for export, keys in TABLES.items():
            exports[export] = _create_table(stack, f"{prefix}-{export.replace('/', '-')}", keys, removals)
        _create_ways(stack, prefix, user_id, exports, removals)
        _export(stack, name, exports, removals)
        yield CopiedStage(stack, name, exports)
    finally:
        for remove in reversed(removals):
            with suppress(Exception):  # the next one must go all the same
                remove()


def _exports_of(stack: Stack) -> dict[str, str]:
    prefix = f"/hopcount/{STAGE}/"
    pages = stack.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True)
    return {p["Name"].removeprefix(prefix): p["Value"] for page in pages for p in page["Parameters"]}


def _create_table(stack: Stack, name: str, keys: list[str], removals: list[Any]) -> str:
    index: dict[str, Any] = {}
    attributes = list(keys)
    if keys == ["id"] and "links" in name:
        attributes += ["userId", "createdAt"]
        schema = [
            {"AttributeName": "userId", "KeyType": "HASH"},
            {"AttributeName": "createdAt", "KeyType": "RANGE"},
        ]
        index["GlobalSecondaryIndexes"] = [
            {
                "IndexName": "UserHistoryIndex",
                "KeySchema": schema,
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ]
    stack.dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": key, "KeyType": kind}
            for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes],
        **index,
    )
    removals.append(lambda: stack.dynamodb.delete_table(TableName=name))
    return name


def _create_ways(
    stack: Stack, prefix: str, user_id: str, exports: dict[str, str], removals: list[Any]
) -> None:
    """Make queues, the rule that feeds one, and a mapping that is never enabled."""
    sqs, events, functions = stack.client("sqs"), stack.client("events"), stack.client("lambda")
    for export in ("click-queue", "fold-queue"):
        url = sqs.create_queue(QueueName=f"{prefix}-{export}")["QueueUrl"]
        removals.append(lambda url=url: sqs.delete_queue(QueueUrl=url))
        exports[f"analytics/{export}-url"] = url
    queue = sqs.get_queue_attributes(
        QueueUrl=exports["analytics/click-queue-url"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    bus = stack.outputs["eventBusName"]
    pattern = {"source": ["hopcount.redirect"], "detail": {"data": {"userId": [user_id]}}}
    rule = events.put_rule(Name=f"{prefix}-clicks", EventBusName=bus, EventPattern=json.dumps(pattern))[
        "RuleArn"
    ]
    removals.append(lambda: events.delete_rule(Name=f"{prefix}-clicks", EventBusName=bus))
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=exports["analytics/click-queue-url"], Attributes={"Policy": policy})
    events.put_targets(
        Rule=f"{prefix}-clicks",
        EventBusName=bus,
        Targets=[{"Id": "clicks", "Arn": queue, "InputPath": "$.detail"}],
    )
    removals.append(lambda: events.remove_targets(Rule=f"{prefix}-clicks", EventBusName=bus, Ids=["clicks"]))
    exports |= {"analytics/click-rule-arn": rule, "analytics/erasure-rule-arn": rule}
    mapping = functions.create_event_source_mapping(
        EventSourceArn=queue, FunctionName=_CONSUMER, Enabled=False, BatchSize=10
    )["UUID"]
    removals.append(lambda: functions.delete_event_source_mapping(UUID=mapping))
    exports["analytics/click-consumer-mapping-id"] = mapping


def _export(stack: Stack, name: str, exports: dict[str, str], removals: list[Any]) -> None:
    ssm = stack.client("ssm")
    for export, value in exports.items():
        full = f"/hopcount/{name}/{export}"
        ssm.put_parameter(Name=full, Value=value, Type="String")
        removals.append(lambda full=full: ssm.delete_parameter(Name=full))
