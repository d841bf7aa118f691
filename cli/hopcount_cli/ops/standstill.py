"""Keep folders out for as long as counters are looked at: so all rows are of the same moment."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from analytics.counting.journal import Entry, EntryKey
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.ports import LeaseLostError
from analytics.counting.repair_ledger import RepairLedger
from hopcount_cli.errors import StandstillError
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.queue import Queue
from hopcount_cli.ops.tools import Tools
from hopcount_shared.base62 import random_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

LEASE = timedelta(seconds=90)
"""For how long folders stay out if this process dies."""

PATIENCE = timedelta(minutes=3)
"""For how long a folder may take to finish, or somebody to come and finish what another left."""

_POLL_SECONDS = 0.2
_WAKE_EVERY = timedelta(seconds=10)


@dataclass
class Standstill:
    """Holds the leases of shards, for a `with` statement.

    Parameters
    ----------
    tools
        The time.
    ledger
        Where the leases are.
    shards
        Which shards.
    wake_folder
        Makes a folder look whether there is something to do.
    """

    tools: Tools
    ledger: RepairLedger
    shards: Iterable[int]
    wake_folder: Callable[[], object]
    _taken: dict[int, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, tools: Tools, deployment: Deployment) -> "Standstill":
        """Return one of a whole deployment; shards that were never counted in get their head."""
        dynamodb: DynamoDBClient = tools.client("dynamodb")
        table = deployment["analytics/click-ledger-table-name"]
        ledger = DynamoDbLedger(dynamodb, table, deployment.horizon, tools.clock)
        for shard in range(int(deployment["analytics/counting-shards"])):
            ledger.head(shard)
        folds = Queue(tools, deployment["analytics/fold-queue-url"])
        return cls(tools, RepairLedger(dynamodb, table), ledger.shards(), lambda: folds.send(["{}"]))

    def __enter__(self) -> Self:
        """Wait until every shard's epoch is folded, and keep it at that."""
        try:
            for shard in self.shards:
                self._take(shard)
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let folders in again, and tell them: they may have been turned away."""
        self._release()
        self.wake_folder()

    def keep(self) -> None:
        """Prolong the leases.

        Raises
        ------
        StandstillError
            If one has run out: what was read since is of no use.
        """
        for shard, taken in self._taken.items():
            until = self.tools.clock() + LEASE
            if not self.ledger.extend(shard, taken, until):
                raise StandstillError("counting went on while the counters were read: try again")
            self._taken[shard] = until

    def journal(self, shard: int, entry: Entry) -> EntryKey:
        """Journal an entry, to be folded when the standstill is over."""
        try:
            now = self.tools.clock()
            return self.ledger.journal(shard, entry, self._taken[shard], now, random_text(12))
        except LeaseLostError:
            raise StandstillError("counting went on before the repair was journalled: try again") from None

    def _take(self, shard: int) -> None:
        began = woken = self.tools.clock()
        while True:
            now = self.tools.clock()
            until = now + LEASE
            if self.ledger.take(shard, now, until):
                self._taken[shard] = until
                return
            if now - began > PATIENCE:
                raise StandstillError(
                    f"shard {shard} is still not folded after {PATIENCE.seconds} s: see that the folder works"
                )
            if now - woken > _WAKE_EVERY:
                self.wake_folder()
                woken = now
            self.tools.wait(_POLL_SECONDS)

    def _release(self) -> None:
        for shard, taken in self._taken.items():
            with suppress(Exception):  # it runs out by itself, and another error may be on its way
                self.ledger.release(shard, taken)
