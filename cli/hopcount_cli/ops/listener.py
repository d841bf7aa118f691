"""A rule and a queue of one's own on the bus, for as long as somebody listens."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.queue import Message, Queue
from hopcount_cli.ops.signals import undisturbed
from hopcount_cli.ops.tools import Tools
from hopcount_shared.aws import error_code
from hopcount_shared.base62 import random_text
from hopcount_shared.times import from_iso, to_iso

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_sqs.client import SQSClient

LEFT_BEHIND = timedelta(days=1)
"""How old a rule or queue of ours is before it counts as left by a command that died."""

RETENTION_SECONDS = 300
"""For how long the queue keeps what nobody fetches."""

_SINCE = "hopcount ops tail, since "
_TARGET = "tail"
_NAME_LENGTH = 12


@dataclass
class Listener:
    """Gets events of the bus from now on, for a `with` statement.

    Parameters
    ----------
    tools
        AWS and the time.
    deployment
        Whose bus.
    pattern
        Which events, as a rule has it.
    """

    tools: Tools
    deployment: Deployment
    pattern: dict[str, Any]
    _name: str = field(init=False)
    _queue: Queue | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._events: EventBridgeClient = self.tools.client("events")
        self._sqs: SQSClient = self.tools.client("sqs")
        self._bus = self.deployment["platform/event-bus-name"]
        self._prefix = f"hopcount-{self.deployment.stage}-tail-"
        self._name = f"{self._prefix}{random_text(_NAME_LENGTH)}"

    def __enter__(self) -> Self:
        """Remove what others left behind, then make the rule and its queue."""
        self._remove_left_behind()
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove both again."""
        self._close()

    def receive(self) -> list[str]:
        """Return what has come since, within a second; nothing if there is none."""
        if self._queue is None:
            raise RuntimeError("not open")
        messages: list[Message] = self._queue.receive()
        self._queue.delete(messages)
        return [message.body for message in messages]

    def _open(self) -> None:
        # The rule first, without a target: its ARN is what the queue is opened to, and to nobody else.
        rule = self._events.put_rule(
            Name=self._name,
            EventBusName=self._bus,
            EventPattern=json.dumps(self.pattern),
            Description=f"{_SINCE}{to_iso(self.tools.clock())}",
        )["RuleArn"]
        url = self._sqs.create_queue(
            QueueName=self._name,
            Attributes={
                "MessageRetentionPeriod": str(RETENTION_SECONDS),
                "SqsManagedSseEnabled": "true",
            },
        )["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(_policy(arn, rule))})
        self._events.put_targets(
            Rule=self._name,
            EventBusName=self._bus,
            Targets=[{"Id": _TARGET, "Arn": arn, "InputPath": "$.detail"}],
        )
        self._queue = Queue(self.tools, url)

    def _close(self) -> None:
        with undisturbed():
            self._remove_rule(self._name)
            self._remove_queue(self._name)

    def _remove_left_behind(self) -> None:
        oldest = self.tools.clock() - LEFT_BEHIND
        for name in sorted(self._old_rules(oldest)):
            self._remove_rule(name)
            self.tools.note(f"Removed the rule {name}, which was left behind.")
        for name in sorted(self._old_queues(oldest)):
            self._remove_queue(name)
            self.tools.note(f"Removed the queue {name}, which was left behind.")

    def _old_rules(self, oldest: datetime) -> list[str]:
        pages = self._events.get_paginator("list_rules").paginate(
            EventBusName=self._bus, NamePrefix=self._prefix
        )
        return [
            rule["Name"]
            for page in pages
            for rule in page["Rules"]
            if self._is_ours(rule["Name"]) and (_since(rule.get("Description", "")) or oldest) < oldest
        ]

    def _old_queues(self, oldest: datetime) -> list[str]:
        pages = self._sqs.get_paginator("list_queues").paginate(QueueNamePrefix=self._prefix)
        urls = [url for page in pages for url in page.get("QueueUrls", [])]
        found: list[str] = []
        for url in urls:
            name = url.rsplit("/", 1)[-1]
            if not self._is_ours(name):
                continue
            with suppress(ClientError):  # somebody else is quicker
                answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])
                if datetime.fromtimestamp(float(answer["Attributes"]["CreatedTimestamp"]), UTC) < oldest:
                    found.append(name)
        return found

    def _is_ours(self, name: str) -> bool:
        return bool(re.fullmatch(f"{re.escape(self._prefix)}[0-9A-Za-z]{{{_NAME_LENGTH}}}", name))

    def _remove_rule(self, name: str) -> None:
        def remove() -> None:
            self._events.remove_targets(Rule=name, EventBusName=self._bus, Ids=[_TARGET])
            self._events.delete_rule(Name=name, EventBusName=self._bus)

        self._try(f"the rule {name}", remove)

    def _remove_queue(self, name: str) -> None:
        def remove() -> None:
            self._sqs.delete_queue(QueueUrl=self._sqs.get_queue_url(QueueName=name)["QueueUrl"])

        self._try(f"the queue {name}", remove)

    def _try(self, what: str, remove: Callable[[], None]) -> None:
        """Remove something; what is gone is fine, and what stays is told and left to the next command."""
        try:
            remove()
        except ClientError as error:
            if error_code(error) not in _ABSENT:
                self.tools.note(f"hopcount: {what} could not be removed: {error}")
        except BotoCoreError as error:
            self.tools.note(f"hopcount: {what} could not be removed: {error}")


_ABSENT = frozenset(
    {"ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
)


def _since(description: str) -> datetime | None:
    with suppress(ValueError):
        return from_iso(description.removeprefix(_SINCE))
    return None


def _policy(queue: str, rule: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "RuleOnly",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }
        ],
    }
