"""Read every table as of one moment of the counting. docs/backup.md says why it is one."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from analytics.counting.claim import MAX_SHARDS
from analytics.counting.counters import DynamoDbCounters
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.ledger_items import HEADS, JOURNAL_PARTITIONS, journal_partition
from hopcount_cli.errors import CommandError
from hopcount_cli.ops.backup_files import FORMAT, SCHEMA, Item, Manifest, Part, Workplace
from hopcount_cli.ops.backup_tables import LEDGER, scan, tables_of
from hopcount_cli.ops.consumer import Consumer, ConsumerPause
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.mismatch import check_ledger
from hopcount_cli.ops.queue import Queue
from hopcount_cli.ops.queue_ages import oldest_messages
from hopcount_cli.ops.restore_progress import RestoreProgress
from hopcount_cli.ops.signals import ended_in_order
from hopcount_cli.ops.standstill import Standstill
from hopcount_cli.ops.tools import Tools
from hopcount_shared.base62 import random_text
from hopcount_shared.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MARGIN = timedelta(hours=1)
"""By how much earlier than the oldest click that waits a replay begins: the bus may be delivering some."""

QUEUE_KEEPS = timedelta(days=14)
"""How old a click may be that waits, where nobody knows."""

READS = 5
"""How often the ledger is read anew because clicks were journalled meanwhile."""

KEEP_EVERY = timedelta(seconds=20)

_CLICKS = "analytics/click-queue-url"


class Backer:
    """Makes a backup.

    Parameters
    ----------
    tools
        AWS and the time.
    deployment
        Of what.
    """

    def __init__(self, tools: Tools, deployment: Deployment) -> None:
        self._tools = tools
        self._deployment = deployment
        self._tables = tables_of(deployment)
        self._dynamodb: DynamoDBClient = tools.client("dynamodb")
        self._kept = tools.clock()

    def run(self, folder: Path) -> Manifest:
        """Make one."""
        began, replay_from = self._tools.clock(), self._oldest_click()
        self._check_ledger()
        with ended_in_order(), Workplace(folder) as place:
            parts = self._read(place)
            manifest = Manifest(
                format=FORMAT,
                schema=SCHEMA,
                id=random_text(12),
                stage=self._deployment.stage,
                region=self._dynamodb.meta.region_name,
                began=to_iso(began),
                ended=to_iso(self._tools.clock()),
                replay_from=to_iso(replay_from),
                provable_since=self._deployment["analytics/clicks-provable-since"],
                parts=tuple(parts),
            )
            place.finish(manifest)
        return manifest

    def _read(self, place: Workplace) -> list[Part]:
        consumer = Consumer(self._tools, self._deployment)
        columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
        with (
            ConsumerPause(self._tools, consumer, place.found_paused, place.note_pause) as pause,
            Standstill.of(self._tools, self._deployment) as still,
            Progress(*columns, console=self._tools.notes) as progress,
        ):
            self._kept = self._tools.clock()
            parts = self._read_ledger(place, still, progress)
            pause.end()
            place.forget_pause()
            for table in self._tables:
                if table != LEDGER:
                    parts += place.write(table, self._scan(table, still, progress))
            still.keep()  # or what was read is not of one moment
        return parts

    def _read_ledger(self, place: Workplace, still: Standstill, progress: Progress) -> list[Part]:
        """Read the ledger at a moment when nobody claims: each transaction that claims leaves a new entry."""
        for _ in range(READS):
            before = self._journalled()
            parts = place.write(LEDGER, _without_lease(self._scan(LEDGER, still, progress)))
            if self._journalled() == before:
                return parts
            self._tools.note("Clicks were journalled meanwhile. Reading the ledger again.")
            self._keep(still)
        raise CommandError(
            "clicks are journalled although the consumer is paused: somebody lets it go on. Nothing was saved"
        )

    def _journalled(self) -> set[str]:
        pages = self._dynamodb.get_paginator("query")
        return {
            f"{item['pk']['S']} {item['sk']['S']}"
            for shard in range(MAX_SHARDS)
            for part in range(JOURNAL_PARTITIONS)
            for page in pages.paginate(
                TableName=self._tables[LEDGER],
                KeyConditionExpression="pk = :partition",
                ExpressionAttributeValues={":partition": {"S": journal_partition(shard, part)}},
                ProjectionExpression="pk, sk",
                ConsistentRead=True,
            )
            for item in page["Items"]
        }

    def _scan(self, table: str, still: Standstill, progress: Progress) -> Iterator[Item]:
        name = self._tables[table]
        about = self._dynamodb.describe_table(TableName=name)["Table"].get("ItemCount") or None
        task = progress.add_task(table, total=about)

        def each_page(items: int) -> None:
            self._keep(still)
            progress.advance(task, items)

        yield from scan(self._dynamodb, name, each_page)
        done = int(progress.tasks[task].completed)
        progress.update(task, total=done, completed=done)

    def _keep(self, still: Standstill) -> None:
        now = self._tools.clock()
        if now - self._kept > KEEP_EVERY:
            still.keep()
            self._kept = now

    def _oldest_click(self) -> datetime:
        """Return from when on clicks may not be journalled yet."""
        queue = Queue(self._tools, self._deployment[_CLICKS])
        now = self._tools.clock()
        if not queue.counts().total:
            return now - MARGIN
        ages = oldest_messages(self._tools.client("cloudwatch"), [queue.name], now)
        return now - MARGIN - ages.get(queue.name, QUEUE_KEEPS)

    def _check_ledger(self) -> None:
        RestoreProgress.check_absent(self._dynamodb, self._tables[LEDGER])
        horizon = self._deployment.horizon
        ledger = DynamoDbLedger(self._dynamodb, self._tables[LEDGER], horizon, self._tools.clock)
        if check_ledger(
            ledger, DynamoDbCounters(self._dynamodb, self._deployment.counters, horizon)
        ).mismatches:
            raise CommandError(
                "ledger and counters are not of the same time, so no backup of them would be worth anything: "
                "mend that first (hopcount ops verify --all --repair)"
            )


def _without_lease(items: Iterable[Item]) -> Iterator[Item]:
    """Leave out that we hold the shards."""
    for item in items:
        if item["pk"]["S"] == HEADS:
            item = {name: value for name, value in item.items() if name != "leasedUntil"}  # noqa: PLW2901
        yield item
