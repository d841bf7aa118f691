"""How the ledger's items are laid out: one table, four kinds of items.

    pk                              sk              holds
    claim#<producer>#<block>        claim           claimed: the block's sequence numbers that are journalled
    journal#<shard>#<0..3>          <time>#<nonce>  entry
    heads                           <shard>         incarnation, epoch, nonce, folded, leasedUntil;
                                                    earlier, unproved: former incarnations, and lost ones
    epochs#<shard>#<incarnation>    <12 digits>     entry, took, nonce, previous, openedAt

Entries are spread over a few partition keys, because DynamoDB serves one with 1,000 write units a second at
most. Claims and epochs expire after the horizon and a day.
"""

import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from analytics.counting.dynamodb import Item, number, read_number, text
from analytics.counting.journal import EntryKey, Epoch, EpochId, Head, PendingEntry
from hopcount_shared.times import from_iso

JOURNAL_PARTITIONS = 4
ENTRIES_PER_EPOCH = 3000
BYTES_PER_EPOCH = 2_000_000
"""What is read of the journal at once. Merged, it is a fraction of that; an epoch takes what fits."""

HEADS = "heads"
"""The partition of all heads."""

AT_HEAD = "incarnation = :incarnation AND epoch = :at AND nonce = :at_nonce"
"""Holds while a head is at the epoch that `at_head` names."""

NOT_LEASED = "(attribute_not_exists(leasedUntil) OR leasedUntil < :now)"
"""Holds while nobody has a shard at `:now`."""


def at_head(head: Head) -> dict[str, Any]:
    """Return the values that `AT_HEAD` compares."""
    return {
        ":incarnation": text(head.epoch.incarnation),
        ":at": number(head.epoch.number),
        ":at_nonce": text(head.epoch.nonce),
    }


def read_epoch(incarnation: str, item: Item) -> Epoch:
    """Read a stored epoch."""
    this = int(item["sk"]["S"])
    return Epoch(
        id=EpochId(incarnation, this, item["nonce"]["S"]),
        stored=_bytes(item, "entry"),
        took=[EntryKey(*key) for key in json.loads(zlib.decompress(_bytes(item, "took")))],
        opened_at=from_iso(item["openedAt"]["S"]),
        previous=EpochId(incarnation, this - 1, item["previous"]["S"]),
    )


def take_what_fits(entries: Sequence[PendingEntry]) -> Sequence[PendingEntry]:
    """Return the first of some entries, as many as are read at once, and one at least."""
    size = 0
    fit: list[PendingEntry] = []
    for entry in entries[:ENTRIES_PER_EPOCH]:
        size += len(entry.stored)
        if fit and size > BYTES_PER_EPOCH:
            break
        fit.append(entry)
    return fit


def read_pending(item: Item) -> PendingEntry:
    """Read a stored entry."""
    sort = item["sk"]["S"]
    journalled_at = from_iso(sort.partition("#")[0])
    return PendingEntry(EntryKey(item["pk"]["S"], sort), journalled_at, _bytes(item, "entry"))


def read_head(shard: int, item: Item) -> Head:
    """Read a stored head."""
    until = read_number(item, "leasedUntil")
    return Head(
        shard=shard,
        epoch=EpochId(item["incarnation"]["S"], read_number(item, "epoch"), item["nonce"]["S"]),
        folded=bool(item["folded"]["BOOL"]),
        leased_until=datetime.fromtimestamp(until / 1000, UTC) if until else None,
        earlier=frozenset(item.get("earlier", {}).get("SS", ())),
    )


def _bytes(item: Item, name: str) -> bytes:
    return bytes(item[name]["B"])


def head_key(shard: int) -> dict[str, Any]:
    """Return the key of a shard's head."""
    return {"pk": text(HEADS), "sk": text(str(shard))}


def journal_partition(shard: int, part: int) -> str:
    """Return one of the partitions that a shard's entries are spread over."""
    return f"journal#{shard}#{part}"


def entry_key(key: EntryKey) -> dict[str, Any]:
    """Return the key of an entry."""
    return {"pk": text(key.partition), "sk": text(key.sort)}


def epochs_partition(shard: int, incarnation: str) -> str:
    """Return where the epochs of one life of a shard are."""
    return f"epochs#{shard}#{incarnation}"


def epoch_sort(this: int) -> str:
    """Write an epoch's number, so that text order is their order."""
    return f"{this:012}"


def epoch_key(shard: int, epoch: EpochId) -> dict[str, Any]:
    """Return the key of an epoch."""
    return {"pk": text(epochs_partition(shard, epoch.incarnation)), "sk": text(epoch_sort(epoch.number))}


def millis(moment: datetime) -> dict[str, Any]:
    """Write the moment until which a shard is leased."""
    return number(int(moment.timestamp() * 1000))
