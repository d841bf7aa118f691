"""The engine's ports in memory, which keep an account of what DynamoDB would charge, by item and by key.

The rows have the sizes that the real adapters give them; `tests/test_memory.py` compares the two accounts.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from analytics.counting.counters import MARK, WITNESS
from analytics.counting.journal import (
    BLOCK_SIZE,
    NO_EPOCH_NONCE,
    Block,
    EntryKey,
    Epoch,
    EpochId,
    Head,
    PendingEntry,
)
from analytics.counting.ledger_items import JOURNAL_PARTITIONS, take_what_fits
from analytics.counting.ports import AlreadyClaimedError, DayKey, DayRow, LeaseLostError
from analytics.domain.breakdowns import RowChange
from analytics.domain.tallies import NOTHING, Counts, LinkKey, Totals
from bench.capacity import item_size, number_size, write_units
from bench.tables import link_row, user_row
from bench.truth import Row
from hopcount_shared.base62 import random_text
from hopcount_shared.times import Clock, to_iso

_TTL = "1700000001"
"""Any moment, as long as every other."""


BySecond = dict[int, int]
"""Something in each second since 1970."""


@dataclass
class Account:
    """Who writes how much to what, and when.

    Parameters
    ----------
    clock
        The time.
    purposes
        Write units, by what they were for.
    keys, drops
        Write units of each partition key, by second; those that delete apart.
    items
        How often each counter row was written, by second.
    item_units
        The same in write units.
    """

    clock: Clock
    purposes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    keys: dict[str, BySecond] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    drops: dict[str, BySecond] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    items: dict[str, BySecond] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    item_units: dict[str, BySecond] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    def write(self, purpose: str, key: str, size: int, factor: int = 1) -> None:
        """Charge for a write."""
        units = factor * write_units(size)
        self.purposes[purpose] += units
        keys = self.drops if purpose == "drops" else self.keys
        keys[key][int(self.clock().timestamp())] += units

    def write_row(self, purpose: str, key: str, size: int) -> None:
        """Charge for a write to a counter row, of which there is one under its key."""
        self.write(purpose, key, size)
        second = int(self.clock().timestamp())
        self.items[key][second] += 1
        self.item_units[key][second] += write_units(size)


class MemoryLedger:
    """The ledger.

    Parameters
    ----------
    clock
        The time.
    account
        Where writes are charged.
    """

    def __init__(self, clock: Clock, account: Account) -> None:
        self._clock = clock
        self._account = account
        self._claims: dict[Block, int] = {}
        self._journal: dict[EntryKey, bytes] = {}
        self._heads: dict[int, Head] = {}
        self._epochs: dict[EpochId, Epoch] = {}
        self._next_partition = 0

    def claim(self, blocks: Mapping[Block, frozenset[int]], entries: Mapping[int, bytes]) -> None:
        """Claim and journal, all or nothing."""
        wanted = {block: _mask(sequences) for block, sequences in blocks.items()}
        taken = {block: _sequences(block, self._claims[block]) for block, mask in wanted.items()
                 if self._claims.get(block, 0) & mask}  # fmt: skip
        if taken:
            raise AlreadyClaimedError(taken)
        for block, mask in wanted.items():
            self._claims[block] = claimed = self._claims.get(block, 0) | mask
            key = f"claim#{block.producer}#{block.number}"
            self._account.write("claims", key, _claim_size(key, claimed), 2)
        for shard, stored in entries.items():
            # In turn, where the ledger draws: over many entries it is the same.
            self._next_partition = (self._next_partition + 1) % JOURNAL_PARTITIONS
            entry_key = EntryKey(
                f"journal#{shard}#{self._next_partition}", f"{to_iso(self._clock())}#{random_text(12)}"
            )
            self._journal[entry_key] = stored
            self._account.write("entries", entry_key.partition, _entry_size(entry_key, stored), 2)

    def heads(self) -> Sequence[Head]:
        """Read every head."""
        return [head for _, head in sorted(self._heads.items())]

    def head(self, shard: int) -> Head:
        """Read a head; make it if there is none."""
        if shard not in self._heads:
            first = EpochId(random_text(6), 0, NO_EPOCH_NONCE)
            self._write_head(Head(shard, first, folded=True, leased_until=None))
        return self._heads[shard]

    def pending(self, shard: int) -> Sequence[PendingEntry]:
        """Return the oldest entries that fit one epoch."""
        entries = (
            PendingEntry(key, datetime.fromisoformat(key.sort.partition("#")[0]), stored)
            for key, stored in self._journal.items()
            if key.partition.startswith(f"journal#{shard}#")
        )
        return take_what_fits(sorted(entries, key=lambda entry: entry.key.sort))

    def open_epoch(self, head: Head, epoch: Epoch, now: datetime, until: datetime) -> None:
        """Store an epoch and move the head to it."""
        self._check(head, now, folded=True)
        took = zlib.compress(json.dumps([list(key) for key in epoch.took]).encode(), 9)
        item: dict[str, Any] = {
            "pk": _text(f"epochs#{head.shard}#{epoch.id.incarnation}"),
            "sk": _text(f"{epoch.id.number:012}"),
            "nonce": _text(epoch.id.nonce),
            "previous": _text(epoch.previous.nonce),
            "entry": {"B": epoch.stored},
            "took": {"B": took},
            "openedAt": _text(to_iso(epoch.opened_at)),
            "ttl": {"N": _TTL},
        }
        self._epochs[epoch.id] = epoch
        self._account.write("epochs", item["pk"]["S"], item_size(item), 2)
        self._write_head(Head(head.shard, epoch.id, folded=False, leased_until=until), 2)

    def take_over(self, head: Head, now: datetime, until: datetime) -> None:
        """Lease a shard whose epoch somebody left unfinished."""
        self._check(head, now, folded=False)
        self._write_head(replace(head, leased_until=until))

    def _check(self, head: Head, now: datetime, *, folded: bool) -> None:
        found = self._heads[head.shard]
        leased = found.leased_until is not None and found.leased_until >= now
        if found.epoch != head.epoch or found.folded is not folded or leased:
            raise LeaseLostError("somebody else has this shard")

    def _write_head(self, head: Head, factor: int = 1) -> None:
        self._heads[head.shard] = head
        item: dict[str, Any] = {
            "pk": _text("heads"),
            "sk": _text(str(head.shard)),
            "incarnation": _text(head.epoch.incarnation),
            "epoch": {"N": str(head.epoch.number)},
            "nonce": _text(head.epoch.nonce),
            "folded": {"BOOL": head.folded},
            "leasedUntil": {"N": _TTL + "001"},
        }
        self._account.write("heads", "heads", item_size(item), factor)

    def epoch(self, head: Head) -> Epoch:
        """Read the epoch that a head is at."""
        return self._epochs[head.epoch]

    def drop(self, keys: Sequence[EntryKey]) -> None:
        """Delete entries."""
        for key in keys:
            stored = self._journal.pop(key, b"")
            self._account.write("drops", key.partition, _entry_size(key, stored))

    def close_epoch(self, epoch: EpochId, shard: int) -> None:
        """Say that an epoch is folded."""
        if self._heads[shard].epoch == epoch:
            self._write_head(Head(shard, epoch, folded=True, leased_until=None))


class MemoryCounters:
    """The counter rows.

    Parameters
    ----------
    links
        The links that there are.
    account
        Where writes are charged.
    """

    def __init__(self, links: Sequence[LinkKey], account: Account) -> None:
        self._account = account
        self._links = {link.short_code: link_row(link, place) for place, link in enumerate(links)}
        self._users = {link.user_id: user_row(link.user_id) for link in links}
        self._days: dict[DayKey, dict[str, Any]] = {}
        self._witness: dict[str, EpochId] = {}
        self._in_all = NOTHING

    def put_day(self, key: DayKey, counts: Counts) -> None:
        """Put a day that was counted before, by the first incarnation that there was."""
        row = {"shortCode": _text(key[0]), "date": _text(key[1]), "v": {"N": "1234"}, "by": _text("000000")}
        self._days[key] = row | {name: {"N": str(number)} for name, number in counts.items()}

    def counted(self) -> Mapping[Row, Counts]:
        """Return every counter."""
        found: dict[Row, Counts] = {}
        for code, row in self._links.items():
            found["link", code, ""] = _counts(row, {"clicks", "botClicks"})
        for user, row in self._users.items():
            found["user", user, ""] = _counts(row, {"totalClicks"})
        for (code, day), row in self._days.items():
            found["day", code, day] = _counts(row)
        nonzero = {row: {name: n for name, n in counts.items() if n} for row, counts in found.items()}
        return {row: counts for row, counts in nonzero.items() if counts}

    def witness(self, epoch: EpochId, previous: EpochId, counted: Totals = NOTHING) -> bool:
        """Move the witness from the previous epoch to this one; return whether it is at this one now."""
        if self._witness.get(epoch.incarnation) == (previous if previous.number else None):
            self._witness[epoch.incarnation] = epoch
            self._in_all = Totals(*map(sum, zip(self._in_all, counted, strict=True)))
        found = self._witness[epoch.incarnation]
        row = {"shortCode": _text(WITNESS), "date": _text(epoch.incarnation), "epoch": _text(str(found))}
        row |= {
            name: {"N": str(n)} for name, n in zip(("allClicks", "allBotClicks"), self._in_all, strict=True)
        }
        self._account.write("witness", WITNESS, item_size(row))
        return found == epoch

    def witnesses(self) -> Sequence[EpochId]:
        """Read where every witness is."""
        return list(self._witness.values())

    def add_to_link(self, epoch: EpochId, short_code: str, delta: Totals) -> bool:
        """Add to a link unless this epoch did; return whether this epoch's delta is on the row now."""
        row = self._links.get(short_code)
        if row is None:
            return False
        added = {"clicks": delta.clicks, "botClicks": delta.bot_clicks}
        row["change"] = _text("counted")
        self._add("links", f"link {short_code}", row, epoch, added)
        return _number(row, MARK + epoch.incarnation) == epoch.number

    def add_to_user(self, epoch: EpochId, user_id: str, clicks: int) -> None:
        """Add to a user's total unless this epoch did."""
        self._add("users", f"user {user_id}", self._users[user_id], epoch, {"totalClicks": clicks})

    def _add(
        self, purpose: str, key: str, row: dict[str, Any], epoch: EpochId, added: Mapping[str, int]
    ) -> None:
        mark = MARK + epoch.incarnation
        if _number(row, mark) < epoch.number:
            for name, number in added.items():
                row[name] = {"N": str(_number(row, name) + number)}
            row[mark] = {"N": str(epoch.number)}
        self._account.write_row(purpose, key, item_size(row))

    def read_days(self, epoch: EpochId, keys: Sequence[DayKey]) -> Mapping[DayKey, DayRow]:
        """Read rows of days."""
        return {key: self._day_row(self._days.get(key), epoch) for key in keys}

    def _day_row(self, row: Mapping[str, Any] | None, epoch: EpochId) -> DayRow:
        if row is None:
            return DayRow({}, version=0, mark=0, exists=False, erased=False)
        mark = _number(row, MARK + epoch.incarnation)
        return DayRow(_counts(row), _number(row, "v"), mark, exists=True, erased=False)

    def change_day(self, epoch: EpochId, key: DayKey, row: DayRow, change: RowChange) -> bool:
        """Add to a day and remove from it, if it still is as it was read; return whether it was."""
        found = self._days.get(key)
        version = _number(found, "v") if found else 0
        if version != row.version or (found is not None) is not row.exists:
            return False
        by = {} if found else {"by": _text(epoch.incarnation)}
        day = found or {"shortCode": _text(key[0]), "date": _text(key[1]), **by}
        before = item_size(day)
        for name, number in change.add.items():
            day[name] = {"N": str(_number(day, name) + number)}
        for name in change.remove:
            day.pop(name, None)
        day["v"] = {"N": str(version + 1)}
        day[MARK + epoch.incarnation] = {"N": str(epoch.number)}
        self._days[key] = day
        self._account.write_row("days", f"day {key[0]} {key[1]}", max(before, item_size(day)))
        return True

    def erase_link(self, short_code: str, at: datetime) -> None:
        """Nothing is erased here."""
        raise NotImplementedError

    def erase_user(self, user_id: str, at: datetime) -> None:
        """Nothing is erased here."""
        raise NotImplementedError


def _mask(sequences: frozenset[int]) -> int:
    mask = 0
    for sequence in sequences:
        mask |= 1 << sequence % BLOCK_SIZE
    return mask


def _sequences(block: Block, mask: int) -> frozenset[int]:
    return frozenset(block.number * BLOCK_SIZE + offset for offset in range(BLOCK_SIZE) if mask >> offset & 1)


def _claim_size(key: str, mask: int) -> int:
    # Every offset takes two bytes, but 0 takes one.
    offsets = 2 * mask.bit_count() - (mask & 1)
    return len("pk" + key + "sk" + "claim" + "claimed" + "ttl") + offsets + number_size(_TTL)


def _entry_size(key: EntryKey, stored: bytes) -> int:
    return len("pk" + key.partition + "sk" + key.sort + "entry") + len(stored)


def _text(value: str) -> dict[str, str]:
    return {"S": value}


def _number(row: Mapping[str, Any], name: str) -> int:
    return int(row[name]["N"]) if name in row else 0


def _counts(row: Mapping[str, Any], names: set[str] | None = None) -> Counts:
    return {
        name: int(value["N"])
        for name, value in row.items()
        if "N" in value and (name in names if names else name != "v" and not name.startswith(MARK))
    }
