"""The engine's ports in memory. They answer as the DynamoDB adapters do, and pass the same tests."""

import copy
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from greenlet import getcurrent
from services.analytics.tests.support import NOW, Counted, without_zeros

from analytics.counting.journal import (
    NO_EPOCH_NONCE,
    Block,
    EntryKey,
    Epoch,
    EpochId,
    Head,
    PendingEntry,
)
from analytics.counting.ledger_items import take_what_fits
from analytics.counting.ports import AlreadyClaimedError, DayKey, DayRow, LeaseLostError, LedgerError
from analytics.domain.breakdowns import RowChange
from analytics.domain.tallies import NOTHING, Counts, Totals
from hopcount_shared.base62 import random_text
from hopcount_shared.times import Clock, to_iso


class FakeLedger:
    """The ledger in memory.

    Parameters
    ----------
    clock
        The time.
    draw
        Draws a name that nothing else has.
    """

    def __init__(self, clock: Clock = lambda: NOW, draw: Callable[[], str] = lambda: random_text(8)) -> None:
        self._clock = clock
        self._draw = draw
        self.claims: dict[Block, set[int]] = defaultdict(set)
        self.journal: dict[int, dict[EntryKey, bytes]] = defaultdict(dict)
        self.by_shard: dict[int, Head] = {}
        self.epochs: dict[tuple[int, str, int], Epoch] = {}

    def copy(self) -> "FakeLedger":
        """Return what a backup made now would hold."""
        other = type(self)(self._clock, self._draw)
        other.claims, other.journal = copy.deepcopy(self.claims), copy.deepcopy(self.journal)
        other.by_shard, other.epochs = dict(self.by_shard), dict(self.epochs)
        return other

    def claim(self, blocks: Mapping[Block, frozenset[int]], entries: Mapping[int, bytes]) -> None:
        taken = {
            b: frozenset(self.claims[b]) for b, sequences in blocks.items() if self.claims[b] & sequences
        }
        if taken:
            raise AlreadyClaimedError(taken)
        for block, sequences in blocks.items():
            self.claims[block] |= sequences
        for shard, stored in entries.items():
            key = EntryKey(f"journal#{shard}#0", f"{to_iso(self._clock())}#{self._draw()}")
            self.journal[shard][key] = stored

    def heads(self) -> Sequence[Head]:
        return list(self.by_shard.values())

    def head(self, shard: int) -> Head:
        if shard not in self.by_shard:
            first = EpochId(self._draw(), 0, NO_EPOCH_NONCE)
            self.by_shard[shard] = Head(shard, first, folded=True, leased_until=None)
        return self.by_shard[shard]

    def acknowledge(self, shard: int, incarnation: str) -> None:
        """Put an end to a life, as an operator does."""
        head = self.head(shard)
        self.by_shard[shard] = replace(head, earlier=head.earlier | {incarnation})

    def pending(self, shard: int) -> Sequence[PendingEntry]:
        entries = (
            PendingEntry(key, datetime.fromisoformat(key.sort.partition("#")[0]), stored)
            for key, stored in self.journal[shard].items()
        )
        return take_what_fits(sorted(entries, key=lambda entry: entry.key.sort))

    def open_epoch(self, head: Head, epoch: Epoch, now: datetime, until: datetime) -> None:
        self.check_head(head, now, folded=True)
        self.epochs[head.shard, epoch.id.incarnation, epoch.id.number] = epoch
        found = self.by_shard[head.shard]
        self.by_shard[head.shard] = replace(found, epoch=epoch.id, folded=False, leased_until=until)

    def take_over(self, head: Head, now: datetime, until: datetime) -> None:
        self.check_head(head, now, folded=False)
        self.by_shard[head.shard] = replace(self.by_shard[head.shard], leased_until=until)

    def check_head(self, head: Head, now: datetime, *, folded: bool) -> None:
        found = self.by_shard[head.shard]
        leased = found.leased_until is not None and found.leased_until >= now
        if found.epoch != head.epoch or found.folded is not folded or leased:
            raise LeaseLostError("somebody else has this shard")

    def epoch(self, head: Head) -> Epoch:
        found = self.epochs.get((head.shard, head.epoch.incarnation, head.epoch.number))
        if found is None:
            raise LeaseLostError("the shard has moved on")
        return found

    def drop(self, keys: Sequence[EntryKey]) -> None:
        for key in keys:
            self.journal[int(key.partition.split("#")[1])].pop(key, None)

    def close_epoch(self, epoch: EpochId, shard: int) -> None:
        if self.by_shard[shard].epoch == epoch:
            self.by_shard[shard] = replace(self.by_shard[shard], folded=True, leased_until=None)


@dataclass
class Row:
    """A counter row."""

    numbers: Counts = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    version: int = 0
    erased_at: datetime | None = None

    def may_add(self, epoch: EpochId) -> bool:
        return self.erased_at is None and self.marks.get(epoch.incarnation, 0) < epoch.number

    def add(self, epoch: EpochId, numbers: Mapping[str, int]) -> None:
        for name, number in numbers.items():
            self.numbers[name] = self.numbers.get(name, 0) + number
        self.marks[epoch.incarnation] = epoch.number

    def erase(self, at: datetime) -> None:
        self.erased_at = self.erased_at or at
        self.numbers.clear()
        self.version += 1


class FakeCounters:
    """The counter rows in memory."""

    def __init__(self) -> None:
        self.links: dict[str, Row] = {}
        self.days: dict[DayKey, Row] = {}
        self.users: dict[str, Row] = {}
        self.last_begun: dict[str, EpochId] = {}
        self.in_all = NOTHING
        self.changes = 0

    def add_link(self, short_code: str) -> None:
        self.links[short_code] = Row()

    def counted(self) -> Counted:
        links, days, users = (
            {key: numbers for key, row in rows.items() if (numbers := without_zeros(row.numbers))}
            for rows in (self.links, self.days, self.users)
        )
        return Counted(links, days, users)  # type: ignore[arg-type]  # mypy joins the types of the keys

    def witness(self, epoch: EpochId, previous: EpochId, counted: Totals = NOTHING) -> bool:
        found = self.last_begun.get(epoch.incarnation)
        if found == (previous if previous.number else None):
            self.last_begun[epoch.incarnation] = epoch
            self.in_all = Totals(*map(sum, zip(self.in_all, counted, strict=True)))
        return self.last_begun.get(epoch.incarnation) == epoch

    def witnesses(self) -> Sequence[EpochId]:
        return list(self.last_begun.values())

    def add_to_link(self, epoch: EpochId, short_code: str, delta: Totals) -> bool:
        row = self.links.get(short_code)
        if row is None:
            return False
        if row.may_add(epoch):
            row.add(epoch, {"clicks": delta.clicks, "botClicks": delta.bot_clicks})
            self.changes += 1
        return row.erased_at is None and row.marks.get(epoch.incarnation) == epoch.number

    def add_to_user(self, epoch: EpochId, user_id: str, clicks: int) -> None:
        row = self.users.setdefault(user_id, Row())
        if row.may_add(epoch):
            row.add(epoch, {"totalClicks": clicks})
            self.changes += 1

    def read_days(self, epoch: EpochId, keys: Sequence[DayKey]) -> Mapping[DayKey, DayRow]:
        return {key: self._day_row(self.days.get(key), epoch) for key in keys}

    def _day_row(self, row: Row | None, epoch: EpochId) -> DayRow:
        if row is None:
            return DayRow({}, version=0, mark=0, exists=False, erased=False)
        return DayRow(
            dict(row.numbers),
            version=row.version,
            mark=row.marks.get(epoch.incarnation, 0),
            exists=True,
            erased=row.erased_at is not None,
        )

    def change_day(self, epoch: EpochId, key: DayKey, row: DayRow, change: RowChange) -> bool:
        found = self.days.get(key)
        if (found is not None) is not row.exists or (found and found.version != row.version):
            return False
        self.force_day(epoch, key, change)
        return True

    def force_day(self, epoch: EpochId, key: DayKey, change: RowChange) -> None:
        row = self.days.setdefault(key, Row())
        row.add(epoch, change.add)
        for name in change.remove:
            row.numbers.pop(name, None)
        row.version += 1
        self.changes += 1

    def erase_link(self, short_code: str, at: datetime) -> None:
        self.links.setdefault(short_code, Row()).erase(at)
        for (code, _), row in self.days.items():
            if code == short_code:
                row.erase(at)
        self.changes += 1

    def erase_user(self, user_id: str, at: datetime) -> None:
        self.users.setdefault(user_id, Row()).erase(at)
        self.changes += 1


class Gate:
    """Stands in front of a port, and stops whoever calls before and after the call."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def call(*args: Any) -> Any:
            if stop() == "twice":
                with suppress(LedgerError):
                    method(*args)
            try:
                answer = method(*args)
            except LedgerError:
                stop()
                raise
            stop()
            return answer

        return call


def stop() -> str | None:
    """Hand over to the machine; return what it says, or raise what it throws. It never stops itself."""
    machine = getcurrent().parent
    return machine.switch() if machine else None
