"""Find drift in running counters, and mend it through the journal.

Rows are read one after the other while the engine goes on counting, so a first look finds what drifts and
what has only moved meanwhile. What differs again and again is looked at with folders kept out: that is drift.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.counting.audit import Drift, Proofs, audit, mended, repairs
from analytics.counting.audit_reader import CounterReader, EpochFollower, LedgerReader
from analytics.counting.claim import shard_of
from analytics.counting.counters import DynamoDbCounters
from analytics.counting.journal import Entry, EntryKey, EpochId, RowKey
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.repair_ledger import RepairLedger
from analytics.domain.tallies import Counts
from hopcount_cli.errors import CommandError
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.mismatch import LedgerCheck, Mismatch, check_ledger, mend_ledger
from hopcount_cli.ops.queue import Queue
from hopcount_cli.ops.standstill import Standstill
from hopcount_cli.ops.tools import Tools

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

LOOKS = 3
"""How often counters are read while the engine counts, before folders are kept out."""

ROWS_PER_ENTRY = 1000

_FOLD_PATIENCE = timedelta(minutes=4)
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Scope:
    """What is audited.

    Parameters
    ----------
    codes, users
        Which links, and which users with the sum of their links; both absent for everything.
    """

    codes: frozenset[str] | None = None
    users: frozenset[str] | None = None

    @classmethod
    def of(cls, drifts: Sequence[Drift]) -> "Scope":
        """Return what has to be looked at again."""
        users = frozenset(drift.row.id for drift in drifts if drift.row.kind == "user")
        return cls(frozenset(drift.row.id for drift in drifts if drift.row.kind != "user"), users)


@dataclass(frozen=True)
class Findings:
    """What an audit found.

    Parameters
    ----------
    drifts
        Counters that are not what they should be.
    since
        The first day whose clicks are proved by epochs.
    epochs, links, days, users
        How many of each were compared.
    """

    drifts: Sequence[Drift]
    since: str
    epochs: int
    links: int
    days: int
    users: int


class Auditor:
    """Audits a deployment.

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
        self._provable = deployment.provable
        self._shards = int(deployment["analytics/counting-shards"])
        self._fold_queue = Queue(tools, deployment["analytics/fold-queue-url"])
        dynamodb: DynamoDBClient = tools.client("dynamodb")
        table = deployment["analytics/click-ledger-table-name"]
        self._ledger = DynamoDbLedger(dynamodb, table, self._provable.horizon, tools.clock)
        self._engine = DynamoDbCounters(dynamodb, deployment.counters, self._provable.horizon)
        self._reader = LedgerReader(dynamodb, table)
        self._repair_ledger = RepairLedger(dynamodb, table)
        self.counters = CounterReader(dynamodb, deployment.counters)

    def check_ledger(self) -> LedgerCheck:
        """Tell whether ledger and counters are of the same time."""
        return check_ledger(self._ledger, self._engine)

    def mend_ledger(self, check: LedgerCheck) -> None:
        """Let counting go on although ledger and counters are not of the same time."""
        oldest = self._tools.clock() - self._provable.horizon
        mend_ledger(self._ledger, self._repair_ledger, check, self._provable.since, oldest)
        self._wake_folder()

    def look(self, scope: Scope, mismatches: Sequence[Mismatch] = ()) -> Findings:
        """Compare counters with what they should be.

        Parameters
        ----------
        scope
            Which counters.
        mismatches
            Because of which nothing counts, so that nobody needs to be kept from it.
        """
        first = findings = self._look(self._follow(scope), scope, mismatches)
        for _ in range(LOOKS - 1):
            if findings.drifts:
                scope = Scope.of(findings.drifts)
                findings = self._look(self._follow(scope), scope, mismatches)
        if findings.drifts:
            findings = self._look_closely(Scope.of(findings.drifts), mismatches)
        return replace(first, drifts=findings.drifts)

    def _look_closely(self, scope: Scope, mismatches: Sequence[Mismatch]) -> Findings:
        follower = self._follow(scope)
        follower.catch_up(self._ledger.heads(), _unapplied(mismatches))
        with self._standstill(mismatches) as still:
            findings = self._look(follower, scope, mismatches)
            still.keep()
        return findings

    def _follow(self, scope: Scope) -> EpochFollower:
        kept_since = self._tools.clock() - self._provable.horizon
        since = (max(kept_since, self._provable.since) + timedelta(days=1)).date().isoformat()
        return EpochFollower(self._reader, Proofs(since, scope.codes, breakdowns=scope.codes is not None))

    def _look(self, follower: EpochFollower, scope: Scope, mismatches: Sequence[Mismatch]) -> Findings:
        heads = self._ledger.heads()
        with self._tools.notes.status("reading epochs") as status:
            follower.catch_up(
                heads, _unapplied(mismatches), lambda read: status.update(f"reading epochs: {read:,}")
            )
            status.update("reading counters")
            if scope.codes is None or scope.users is None:
                rows = self.counters.everything()
            else:
                rows = self.counters.some(scope.codes, scope.users)
            shards = sorted({*range(self._shards), *(head.shard for head in heads)})
            pending = self._reader.pending_repairs(shards)
        by = heads[0].epoch.incarnation if heads else ""
        return Findings(
            drifts=audit(mended(rows, pending, by), follower.proofs),
            since=follower.proofs.since,
            epochs=follower.read,
            links=len(rows.links),
            days=sum(map(len, rows.days.values())),
            users=len(rows.users),
        )

    def repair(self, drifts: Sequence[Drift]) -> Sequence[Drift]:
        """Mend drift, and wait until it is mended.

        Returns
        -------
        collections.abc.Sequence
            Nothing; or what drifts now, if that is not what was to be mended. Then nothing was done.
        """
        scope, deltas = Scope.of(drifts), repairs(drifts)
        follower = self._follow(scope)
        follower.catch_up(self._ledger.heads())
        with self._standstill(()) as still:
            now = self._look(follower, scope, ()).drifts
            still.keep()
            if repairs(now) != deltas:
                return now
            keys = [still.journal(shard, entry) for shard, entry in self._entries(deltas)]
        self._await(keys)
        return []

    def _entries(self, deltas: Mapping[RowKey, Counts]) -> Iterator[tuple[int, Entry]]:
        by_shard: dict[int, list[RowKey]] = {}
        for row in deltas:
            shard = 0 if row.kind == "user" else shard_of(row.id, self._shards)
            by_shard.setdefault(shard, []).append(row)
        for shard, rows in by_shard.items():
            for start in range(0, len(rows), ROWS_PER_ENTRY):
                part = rows[start : start + ROWS_PER_ENTRY]
                yield shard, Entry(repairs={row: deltas[row] for row in part})

    def _await(self, keys: Sequence[EntryKey]) -> None:
        began = self._tools.clock()
        with self._tools.notes.status("waiting until the repair is folded"):
            for key in keys:
                while self._repair_ledger.is_pending(key):
                    if self._tools.clock() - began > _FOLD_PATIENCE:
                        raise CommandError(
                            "the repair is journalled, but not folded yet: see that the folder works"
                        )
                    self._tools.wait(_POLL_SECONDS)

    def _standstill(self, mismatches: Sequence[Mismatch]) -> Standstill:
        still = Standstill.of(self._tools, self._deployment)
        return replace(still, shards=[]) if mismatches else still

    def _wake_folder(self) -> None:
        self._fold_queue.send(["{}"])


def _unapplied(mismatches: Sequence[Mismatch]) -> list[EpochId]:
    return [mismatch.unapplied for mismatch in mismatches if mismatch.unapplied]
