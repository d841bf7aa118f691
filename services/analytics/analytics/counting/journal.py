"""What the ledger holds besides claims: journal entries, epochs, and one head per shard.

An *entry* is what one transaction of a consumer adds up to. An *epoch* is the sum of some entries, added to
the counters as a whole; kept, it is the audit log. A shard's *head* says how far its epochs have come.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from analytics.domain.erasures import Erasure
from analytics.domain.tallies import Counts, LinkKey, Tally, merge

MAX_BYTES = 300_000
"""What one entry or epoch may come to: an item takes 400 KB, with the names of the entries in it."""

BLOCK_SIZE = 64
"""How many sequence numbers of a producer share one claim item."""


class Block(NamedTuple):
    """64 consecutive clicks of one producer: number 0 holds the sequences 0 to 63."""

    producer: str
    number: int


class RowKey(NamedTuple):
    """A counter row: `("link", code, "")`, `("day", code, "2026-11-22")` or `("user", id, "")`."""

    kind: Literal["link", "day", "user"]
    id: str
    day: str = ""


@dataclass(frozen=True)
class Entry:
    """Something to be added to the counters, or done to them.

    Parameters
    ----------
    counts
        Sums of clicks.
    erasures
        What to forget once everything up to this entry is counted.
    repairs
        Differences that an audit found, by row and attribute (`clicks`, `h13`, `r:other`). They correct
        counters and are no clicks, so audits do not count them.
    """

    counts: Tally = field(default_factory=dict)
    erasures: frozenset[Erasure] = frozenset()
    repairs: Mapping[RowKey, Counts] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Write the entry as it is stored: compressed JSON."""
        content: dict[str, Any] = {"c": [[*key, days] for key, days in self.counts.items()]}
        if self.erasures:
            content["e"] = sorted(self.erasures)
        if self.repairs:
            content["r"] = [[*key, counts] for key, counts in self.repairs.items()]
        return zlib.compress(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode(), 9)

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Entry":
        """Read what `to_bytes` wrote."""
        content = json.loads(zlib.decompress(stored))
        return cls(
            counts={LinkKey(code, user): days for code, user, days in content["c"]},
            erasures=frozenset(Erasure(kind, name) for kind, name in content.get("e", ())),
            repairs={RowKey(*key): counts for *key, counts in content.get("r", ())},
        )


def merge_entries(entries: Iterable[Entry]) -> Entry:
    """Sum up entries."""
    given = list(entries)
    repairs: dict[RowKey, Counts] = {}
    for entry in given:
        for key, counts in entry.repairs.items():
            into = repairs.setdefault(key, {})
            for name, number in counts.items():
                into[name] = into.get(name, 0) + number
    return Entry(
        counts=merge(entry.counts for entry in given),
        erasures=frozenset().union(*(entry.erasures for entry in given)),
        repairs=repairs,
    )


class EntryKey(NamedTuple):
    """Names a journal entry: its partition and its place there."""

    partition: str
    sort: str


class PendingEntry(NamedTuple):
    """An entry that no epoch has taken yet."""

    key: EntryKey
    journalled_at: datetime
    stored: bytes


class EpochId(NamedTuple):
    """Names an epoch. The nonce tells it from one of the same number in another life of the ledger."""

    incarnation: str
    number: int
    nonce: str

    def __str__(self) -> str:
        """Write it as the witness holds it."""
        return f"{self.number}.{self.nonce}"


NO_EPOCH_NONCE = ""
"""The nonce of number 0, before the first epoch."""


@dataclass(frozen=True)
class Epoch:
    """Some entries, merged, to be added to each counter row once.

    Parameters
    ----------
    id
        Its name.
    stored
        The merged `Entry` as bytes.
    took
        The keys of the entries merged.
    opened_at
        When, aware.
    previous
        The epoch before it.
    """

    id: EpochId
    stored: bytes
    took: Sequence[EntryKey]
    opened_at: datetime
    previous: EpochId


@dataclass(frozen=True)
class Head:
    """How far a shard has come.

    Parameters
    ----------
    shard
        Its number.
    epoch
        The last epoch opened; its `incarnation` is drawn when the head is made and names the marks on the
        rows.
    folded
        Whether that epoch is added to every row and its entries are gone.
    leased_until
        Until when somebody folds, if anybody does.
    earlier
        Incarnations before this one, that somebody has put an end to.
    """

    shard: int
    epoch: EpochId
    folded: bool
    leased_until: datetime | None
    earlier: frozenset[str] = frozenset()

    def knows(self, epoch: EpochId) -> bool:
        """Tell whether an epoch is one of this shard's, as far as the head alone can tell."""
        if epoch.incarnation != self.epoch.incarnation:
            return epoch.incarnation in self.earlier
        return epoch == self.epoch or epoch.number < self.epoch.number
