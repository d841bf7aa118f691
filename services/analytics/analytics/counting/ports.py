"""What the engine needs of a database, and how it may fail. The algorithms know no more of AWS.

LedgerError
├── BusyError            nobody knows whether it happened, or it did not: try again
├── AlreadyClaimedError  some clicks are journalled already, so nothing was written
├── LeaseLostError       somebody else folds, or has folded already
└── LedgerMismatchError  ledger and counters are not of the same time: stop, and let a person look
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from analytics.counting.journal import Block, EntryKey, Epoch, EpochId, Head, PendingEntry
from analytics.domain.breakdowns import RowChange
from analytics.domain.tallies import NOTHING, Counts, Totals
from hopcount_shared.errors import HopcountError


class LedgerError(HopcountError):
    """Base of what a ledger answers instead of doing as it was asked."""


class BusyError(LedgerError):
    """A conflict, a throttle or a lost answer: it may or may not have happened, and may be tried again."""


class AlreadyClaimedError(LedgerError):
    """Nothing was written: some of the clicks are journalled already.

    Parameters
    ----------
    taken
        All sequence numbers that are claimed, by block.
    """

    def __init__(self, taken: Mapping[Block, frozenset[int]]) -> None:
        super().__init__("clicks are claimed already")
        self.taken = taken


class LeaseLostError(LedgerError):
    """Somebody else has this shard, or the shard has moved on."""


class LedgerMismatchError(LedgerError):
    """The ledger was restored from a copy older than the counters, or the counters from one older than it."""


class ClaimLedger(Protocol):
    """Where a consumer claims and journals."""

    def claim(self, blocks: Mapping[Block, frozenset[int]], entries: Mapping[int, bytes]) -> None:
        """Claim every click and journal every entry, all or nothing.

        Parameters
        ----------
        blocks
            Sequence numbers to claim, by block; at most `claim.MAX_BLOCKS`.
        entries
            One stored entry by shard.

        Raises
        ------
        AlreadyClaimedError, BusyError
            See there.
        """


class FoldLedger(Protocol):
    """Where a folder finds its work and says how far it has come. Every method may raise `BusyError`."""

    def heads(self) -> Sequence[Head]:
        """Read every head there is as it is now, whatever the configured number of shards."""

    def head(self, shard: int) -> Head:
        """Read a head as it is now; make it, with a new incarnation, if there is none."""

    def pending(self, shard: int) -> Sequence[PendingEntry]:
        """Return the oldest entries that are journalled, as many as fit one epoch, as they are now."""

    def open_epoch(self, head: Head, epoch: Epoch, now: datetime, until: datetime) -> None:
        """Store an epoch and move the head to it, leased until then: all or nothing.

        Raises `LeaseLostError` unless the head is still at the given epoch, folded, and not leased at `now`.
        """

    def take_over(self, head: Head, now: datetime, until: datetime) -> None:
        """Lease a shard whose epoch somebody left unfinished.

        Raises `LeaseLostError` unless the head is still at the given epoch, and not leased at `now`.
        """

    def epoch(self, head: Head) -> Epoch:
        """Read the epoch that a head is at."""

    def drop(self, keys: Sequence[EntryKey]) -> None:
        """Delete entries; those that are gone already do not matter."""

    def close_epoch(self, epoch: EpochId, shard: int) -> None:
        """Say that an epoch is folded, and end the lease; nothing happens if the shard has moved on."""


@dataclass(frozen=True)
class DayRow:
    """A day's counters as they were read.

    Parameters
    ----------
    numbers
        Every counter, by attribute.
    version
        Counts the changes of the row; 0 if none was counted yet.
    mark
        The last epoch of the incarnation asked for that was added; 0 if none.
    exists, erased
        Whether there is a row, and whether it is but the marker of an erased one.
    """

    numbers: Counts
    version: int
    mark: int
    exists: bool
    erased: bool


DayKey = tuple[str, str]
"""Short code and UTC day."""


class Counters(Protocol):
    """The counter rows. Every method may raise `BusyError`, having happened or not.

    A row remembers by a *mark*, one per incarnation, the number of the last epoch added to it. That, and the
    version of a day, make every method safe to repeat.
    """

    def witness(self, epoch: EpochId, previous: EpochId, counted: Totals = NOTHING) -> bool:
        """Move the witness, a row beside the counters, from the previous epoch to this one.

        It moves once, and with it what was counted in all: by the clicks of this epoch.

        Returns whether it is at this epoch now. If not, it says something else: others have folded further,
        or the ledger and the counters are not of the same time.
        """

    def witnesses(self) -> Sequence[EpochId]:
        """Read every witness as it is now: the last epoch of its incarnation that was begun."""

    def add_to_link(self, epoch: EpochId, short_code: str, delta: Totals) -> bool:
        """Add to a link unless this epoch did.

        Returns whether this epoch's delta is on the row now. If not, there is no such link, it is erased, or
        later epochs were added: then nothing else of the link may be added.
        """

    def add_to_user(self, epoch: EpochId, user_id: str, clicks: int) -> None:
        """Add to a user's total unless this epoch did or the user is erased; make the row if need be."""

    def read_days(self, epoch: EpochId, keys: Sequence[DayKey]) -> Mapping[DayKey, DayRow]:
        """Read rows of days as they are now, at most 100; each key gets an answer."""

    def change_day(self, epoch: EpochId, key: DayKey, row: DayRow, change: RowChange) -> bool:
        """Add to a day and remove from it, if it still is as it was read; return whether it was."""

    def erase_link(self, short_code: str, at: datetime) -> None:
        """Leave a bare marker instead of a link's counters, and, for a while, of each of its days."""

    def erase_user(self, user_id: str, at: datetime) -> None:
        """Leave a bare marker instead of a user's total, for ever."""
