"""How a deployment is: its queues, its folding, its alarms, and what somebody should look at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from analytics.counting.counters import DynamoDbCounters
from analytics.counting.journal import Head
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.ledger_items import JOURNAL_PARTITIONS, journal_partition
from analytics.counting.ports import LeaseLostError
from hopcount_cli.ops.consumer import Consumer
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.mismatch import check_ledger
from hopcount_cli.ops.queue import Counts, Queue
from hopcount_cli.ops.queue_ages import oldest_messages
from hopcount_cli.ops.tools import Tools
from hopcount_shared.times import from_iso

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_dynamodb.client import DynamoDBClient

OLD_MESSAGE = timedelta(minutes=15)
"""As old as the alarms let a message of a queue become."""

OLD_ENTRY = timedelta(minutes=5)
"""As old as the alarms let a journal entry become."""


@dataclass(frozen=True)
class QueueHealth:
    """A queue.

    Parameters
    ----------
    name
        Its name in SQS.
    dead
        Whether it holds dead letters.
    counts
        How many messages.
    oldest
        How old the oldest is; nothing if that is not known.
    """

    name: str
    dead: bool
    counts: Counts
    oldest: timedelta | None

    @property
    def age_matters(self) -> bool:
        """Tell whether there is an oldest message."""
        return self.counts.total > 0


@dataclass(frozen=True)
class ShardHealth:
    """A shard of the ledger.

    Parameters
    ----------
    shard, epoch
        Its number, and the last epoch opened; 0 before the first.
    folded
        Whether that epoch is added to the counters.
    opened_at
        When it was opened; nothing if its item has expired, or there was none.
    oldest_pending
        Since when its oldest journal entry waits.
    """

    shard: int
    epoch: int
    folded: bool
    opened_at: datetime | None
    oldest_pending: datetime | None


@dataclass(frozen=True)
class Alarm:
    """An alarm that rings."""

    name: str
    since: datetime
    description: str


@dataclass(frozen=True)
class Health:
    """How a deployment is.

    Parameters
    ----------
    at
        When it was looked at.
    queues, shards, alarms
        What there is of each; of the alarms, those that ring.
    ledger_matches
        Whether ledger and counters are of the same time.
    consumer
        The state of what takes clicks from their queue: `Enabled`, unless somebody paused it.
    """

    at: datetime
    queues: Sequence[QueueHealth]
    shards: Sequence[ShardHealth]
    alarms: Sequence[Alarm]
    ledger_matches: bool
    consumer: str

    def attention(self) -> Iterator[str]:
        """Yield what somebody should look at."""
        if not self.ledger_matches:
            yield "ledger and counters are not of the same time: nothing is counted (ops verify --all)"
        if self.consumer != "Enabled":
            yield f"the click consumer is {self.consumer}: clicks wait in their queue"
        for queue in self.queues:
            if queue.dead and queue.counts.total:
                yield f"{queue.name} holds {queue.counts.total:,} dead letters"
            elif queue.oldest and queue.oldest >= OLD_MESSAGE:
                yield f"messages of {queue.name} wait since {_minutes(queue.oldest)}"
        for shard in self.shards:
            if shard.oldest_pending and self.at - shard.oldest_pending > OLD_ENTRY:
                age = _minutes(self.at - shard.oldest_pending)
                yield f"clicks of shard {shard.shard} are journalled since {age} and not counted"
            elif not shard.folded and shard.opened_at and self.at - shard.opened_at > OLD_ENTRY:
                yield f"an epoch of shard {shard.shard} is open since {_minutes(self.at - shard.opened_at)}"
        for alarm in self.alarms:
            yield f"alarm {alarm.name}"


def _minutes(age: timedelta) -> str:
    return f"{age // timedelta(minutes=1):,} minutes"


class HealthCheck:
    """Looks at a deployment, and changes nothing.

    Parameters
    ----------
    tools
        AWS and the time.
    deployment
        Which deployment.
    """

    def __init__(self, tools: Tools, deployment: Deployment) -> None:
        self._tools = tools
        self._deployment = deployment
        self._dynamodb: DynamoDBClient = tools.client("dynamodb")
        self._cloudwatch: CloudWatchClient = tools.client("cloudwatch")
        self._table = deployment["analytics/click-ledger-table-name"]
        horizon = deployment.horizon
        self._ledger = DynamoDbLedger(self._dynamodb, self._table, horizon, tools.clock)
        self._counters = DynamoDbCounters(self._dynamodb, deployment.counters, horizon)

    def look(self) -> Health:
        """Look at everything once."""
        return Health(
            at=self._tools.clock(),
            queues=self._queues(),
            shards=self._shards(),
            alarms=self._alarms(),
            ledger_matches=not check_ledger(self._ledger, self._counters).mismatches,
            consumer=Consumer(self._tools, self._deployment).state(),
        )

    def _queues(self) -> list[QueueHealth]:
        exported = self._deployment.ending("-queue-url", "-dlq-url")
        dead = {url for name, url in exported.items() if name.endswith("-dlq-url")}
        queues = {url: Queue(self._tools, url) for url in exported.values()}
        names = [queue.name for queue in queues.values()]
        ages = oldest_messages(self._cloudwatch, names, self._tools.clock())
        found = [
            QueueHealth(queue.name, url in dead, queue.counts(), ages.get(queue.name))
            for url, queue in queues.items()
        ]
        return sorted(found, key=lambda queue: (queue.dead, queue.name))

    def _shards(self) -> list[ShardHealth]:
        heads = {head.shard: head for head in self._ledger.heads()}
        configured = range(int(self._deployment["analytics/counting-shards"]))
        return [self._shard(shard, heads.get(shard)) for shard in sorted({*configured, *heads})]

    def _shard(self, shard: int, head: Head | None) -> ShardHealth:
        return ShardHealth(
            shard=shard,
            epoch=head.epoch.number if head else 0,
            folded=head.folded if head else True,
            opened_at=self._opened_at(head) if head and head.epoch.number else None,
            oldest_pending=self._oldest_pending(shard),
        )

    def _opened_at(self, head: Head) -> datetime | None:
        try:
            return self._ledger.epoch(head).opened_at
        except LeaseLostError:
            return None  # it is kept for the horizon, or has just been followed by another

    def _oldest_pending(self, shard: int) -> datetime | None:
        first = [
            item["sk"]["S"].partition("#")[0]
            for part in range(JOURNAL_PARTITIONS)
            for item in self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression="pk = :partition",
                ExpressionAttributeValues={":partition": {"S": journal_partition(shard, part)}},
                ProjectionExpression="sk",
                ConsistentRead=True,
                Limit=1,
            )["Items"]
        ]
        return min(map(from_iso, first), default=None)

    def _alarms(self) -> list[Alarm]:
        # `hopcount-dev-` also begins alarms of a stage `dev-2`: the topic tells whose they are.
        topic = self._deployment["platform/alarm-topic-arn"]
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=f"hopcount-{self._deployment.stage}-",
            AlarmTypes=["MetricAlarm"],
            StateValue="ALARM",
        )
        return [
            Alarm(alarm["AlarmName"], alarm["StateUpdatedTimestamp"], alarm.get("AlarmDescription", ""))
            for page in pages
            for alarm in page["MetricAlarms"]
            if topic in alarm["AlarmActions"]
        ]
