"""Fill empty tables from a backup, in an order that leaves nothing to chance. docs/backup.md says why."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hopcount_cli.errors import CommandError
from hopcount_cli.ops.backup_files import Backup, Item
from hopcount_cli.ops.backup_tables import DAYS, LEDGER, TableWriter, tables_of
from hopcount_cli.ops.consumer import Consumer, ConsumerPause
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.restore_content import Content
from hopcount_cli.ops.restore_progress import RestoreProgress
from hopcount_cli.ops.signals import ended_in_order
from hopcount_cli.ops.standstill import Standstill
from hopcount_cli.ops.tools import Tools
from hopcount_shared.times import from_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

KEEP_EVERY = timedelta(seconds=20)
ENTRIES_PER_CALL = 50
BYTES_PER_CALL = 3_000_000
"""Journal entries that one transaction puts: it takes 100 items and 4 MB."""

_HEADS = "heads and witnesses"
_FRESH = {
    "ConditionExpression": "attribute_not_exists(pk) OR epoch = :zero",
    "ExpressionAttributeValues": {":zero": {"N": "0"}},
}
"""A head that is not there, or before its first epoch."""
_ABSENT = {"ConditionExpression": "attribute_not_exists(shortCode)"}


class Restorer:
    """Restores a backup.

    Parameters
    ----------
    tools
        AWS and the time.
    deployment
        Into which deployment.
    backup
        What.
    """

    def __init__(self, tools: Tools, deployment: Deployment, backup: Backup) -> None:
        self._tools = tools
        self._deployment = deployment
        self._backup = backup
        self._manifest = backup.manifest
        self._tables = tables_of(deployment)
        self._dynamodb: DynamoDBClient = tools.client("dynamodb")
        self._content = Content()
        self._progress = RestoreProgress(self._dynamodb, self._tables, self._manifest.id)
        self._kept = tools.clock()

    def check(self) -> None:
        """Check everything that can be checked before anything is written.

        Raises
        ------
        CommandError
            If this backup cannot be restored there.
        """
        absent = sorted(set(self._manifest.items) - set(self._tables))
        if absent:
            raise CommandError(
                f"stage {self._deployment.stage!r} has no {', '.join(absent)}: deploy it again"
            )
        if from_iso(self._manifest.provable_since) > self._deployment.provable.since:
            raise CommandError(
                f"the backup has no claims from before {self._manifest.provable_since}: set "
                "clicksProvableSince to that and deploy analytics, or older clicks could count twice"
            )
        self._progress.check_empty()
        with self._bar("checking") as bar:
            task = bar.add_task("checking", total=sum(self._manifest.items.values()))
            self._content = Content.check(self._backup, lambda part: bar.advance(task, part.items))

    def ask(self) -> None:
        """Ask whether to restore."""
        manifest, stage = self._manifest, self._deployment.stage
        items = sum(manifest.items.values())
        verb = "Go on restoring" if self._progress.begun else "Restore"
        question = (
            f"{verb} {items:,} items of stage {manifest.stage} as of {manifest.began} into stage {stage}?"
        )
        if not typer.confirm(question, err=True):
            self._tools.note("Nothing was restored.")
            raise typer.Exit(1)

    def run(self) -> None:
        """Restore it, while nobody counts there."""
        consumer = Consumer(self._tools, self._deployment)
        with (
            ended_in_order(),
            ConsumerPause(self._tools, consumer, ours=self._progress.paused) as pause,
            Standstill.of(self._tools, self._deployment) as still,
        ):
            self._progress.check_empty()
            self._progress.begin(paused=pause.ours)
            pause.stays = True  # clicks that are claimed now could be counted twice
            try:
                self._fill(still)
            except BaseException:
                self._tools.note(
                    "The restore is not finished, and clicks wait in their queue: run it again, it goes on"
                )
                raise
            pause.stays = False
            self._progress.finish()

    def _fill(self, still: Standstill) -> None:
        self._kept = self._tools.clock()
        writer = TableWriter(self._tools)
        with self._bar("restoring") as bar:
            task = bar.add_task("restoring", total=sum(self._manifest.items.values()))
            for part in self._manifest.parts:
                if part.file not in self._progress.done:
                    items = self._content.plain(self._backup, part)
                    writer.write(self._tables[part.table], items, lambda _: self._keep(still))
                    self._progress.note(part.file)
                bar.advance(task, part.items)
        # From here on the ledger knows what was counted, so a folder that comes now does what it should.
        heads = [(LEDGER, head, _FRESH) for head in self._content.heads]
        witnesses = [(DAYS, witness, _ABSENT) for witness in self._content.witnesses]
        self._progress.put_once(_HEADS, [*heads, *witnesses])
        for number, entries in enumerate(_calls(self._content.journal)):
            self._progress.put_once(f"journal {number}", [(LEDGER, entry, {}) for entry in entries])

    def _keep(self, still: Standstill) -> None:
        now = self._tools.clock()
        if now - self._kept > KEEP_EVERY:
            still.keep()
            self._kept = now

    def _bar(self, what: str) -> Progress:
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        return Progress(*columns, console=self._tools.notes)

    def tell(self, *, as_json: bool) -> None:
        """Say what was restored, and what is left to do."""
        manifest = self._manifest
        if as_json:
            content = {
                "stage": self._deployment.stage,
                "backup": manifest.id,
                "fromStage": manifest.stage,
                "items": manifest.items,
                "replayFrom": manifest.replay_from,
            }
            self._tools.say(json.dumps(content, indent=2))
            return
        for table, items in manifest.items.items():
            self._tools.say(f"{table:14} {items:>12,} items")
        self._tools.say(
            "Restored. Count what came after the backup: hopcount ops replay --from "
            f"{manifest.replay_from}; then prove it: hopcount ops verify --all"
        )
        self._tools.note(
            "Accounts are in Cognito, and were not in the backup. Those deleted since must be deleted again "
            "(docs/backup.md)."
        )


def _calls(entries: Sequence[Item]) -> Iterator[list[Item]]:
    """Yield journal entries that fit one transaction together; the same ones each time."""
    call: list[Item] = []
    size = 0
    for entry in entries:
        length = len(entry["entry"]["B"])
        if call and (len(call) == ENTRIES_PER_CALL or size + length > BYTES_PER_CALL):
            yield call
            call, size = [], 0
        call.append(entry)
        size += length
    if call:
        yield call
