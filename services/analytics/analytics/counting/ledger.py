"""The ledger in DynamoDB: one table, four kinds of items.

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
import secrets
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from analytics.counting.dynamodb import (
    FAILED_CONDITION,
    Item,
    busy_if_passing,
    number,
    read_number,
    text,
)
from analytics.counting.journal import BLOCK_SIZE, Block, EntryKey, Epoch, EpochId, Head, PendingEntry
from analytics.counting.ports import AlreadyClaimedError, BusyError, LeaseLostError
from hopcount_shared.aws import cancellation_codes, condition_failed
from hopcount_shared.base62 import random_text
from hopcount_shared.times import Clock, from_iso, to_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MARGIN = timedelta(days=1)
"""How much longer claims are kept than clicks are accepted, because clocks differ."""

JOURNAL_PARTITIONS = 4
ENTRIES_PER_EPOCH = 3000
BYTES_PER_EPOCH = 2_000_000
"""What is read of the journal at once. Merged, it is a fraction of that; an epoch takes what fits."""

_HEADS = "heads"


class DynamoDbLedger:
    """Claims, journal, epochs and heads.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client.
    table
        The table's name.
    horizon
        For how long clicks are accepted.
    clock
        The time.
    nonce
        Draws a name that nothing else has.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        table: str,
        horizon: timedelta,
        clock: Clock,
        nonce: Callable[[], str] = lambda: random_text(12),
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._horizon = horizon
        self._clock = clock
        self._nonce = nonce

    # Consumers

    def claim(self, blocks: Mapping[Block, frozenset[int]], entries: Mapping[int, bytes]) -> None:
        """Claim every click and journal every entry, all or nothing."""
        order = list(blocks)
        now = self._clock()
        items: list[Any] = [{"Update": self._claim(block, blocks[block], now)} for block in order]
        items += [{"Put": self._entry(shard, stored, now)} for shard, stored in entries.items()]
        try:
            with busy_if_passing():
                self._dynamodb.transact_write_items(TransactItems=items)
        except ClientError as error:
            if FAILED_CONDITION not in cancellation_codes(error):
                raise
            raise AlreadyClaimedError(_taken(error, order)) from None

    def _claim(self, block: Block, sequences: frozenset[int], now: datetime) -> dict[str, Any]:
        offsets = sorted(sequence % BLOCK_SIZE for sequence in sequences)
        return {
            "TableName": self._table,
            "Key": {"pk": text(f"claim#{block.producer}#{block.number}"), "sk": text("claim")},
            "UpdateExpression": "ADD claimed :new SET #ttl = :ttl",
            "ConditionExpression": " AND ".join(f"NOT contains(claimed, :n{o})" for o in offsets),
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": {
                **{f":n{offset}": number(offset) for offset in offsets},
                ":new": {"NS": [str(offset) for offset in offsets]},
                ":ttl": number(self._expiry(now)),
            },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _entry(self, shard: int, stored: bytes, now: datetime) -> dict[str, Any]:
        partition = f"journal#{shard}#{secrets.randbelow(JOURNAL_PARTITIONS)}"
        key = {"pk": text(partition), "sk": text(f"{to_iso(now)}#{self._nonce()}")}
        return {"TableName": self._table, "Item": {**key, "entry": {"B": stored}}}

    def _expiry(self, now: datetime) -> int:
        # No click of a block happened later than it is claimed, so none is accepted later than this.
        return int((now + self._horizon + MARGIN).timestamp())

    # Folders

    def shards(self) -> Sequence[int]:
        """Return the shards that have a head."""
        return sorted(head.shard for head in self.heads())

    def heads(self) -> Sequence[Head]:
        """Read every head as it is now."""
        with busy_if_passing():
            answer = self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression="pk = :heads",
                ExpressionAttributeValues={":heads": text(_HEADS)},
                ConsistentRead=True,
            )
        return [_head(int(item["sk"]["S"]), item) for item in answer["Items"]]

    def head(self, shard: int) -> Head:
        """Read a head as it is now; make it if there is none."""
        with busy_if_passing():
            while True:
                answer = self._dynamodb.get_item(
                    TableName=self._table, Key=_head_key(shard), ConsistentRead=True
                )
                if "Item" in answer:
                    return _head(shard, answer["Item"])
                self._make_head(shard)

    def _make_head(self, shard: int) -> None:
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item={
                    **_head_key(shard),
                    "incarnation": text(random_text(6)),
                    "epoch": number(0),
                    "nonce": text(""),
                    "folded": {"BOOL": True},
                },
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise

    def pending(self, shard: int) -> Sequence[PendingEntry]:
        """Return the oldest entries, as many as fit one epoch, as they are now."""
        found: list[PendingEntry] = []
        for part in range(JOURNAL_PARTITIONS):
            with busy_if_passing():
                answer = self._dynamodb.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :partition",
                    ExpressionAttributeValues={":partition": text(f"journal#{shard}#{part}")},
                    ConsistentRead=True,
                    Limit=ENTRIES_PER_EPOCH,
                )
            found += [_pending(item) for item in answer["Items"]]
        found.sort(key=lambda entry: entry.key.sort)
        return _that_fit(found)

    def open_epoch(self, head: Head, epoch: Epoch, now: datetime, until: datetime) -> None:
        """Store an epoch and move the head to it, leased: all or nothing."""
        took = zlib.compress(json.dumps([list(key) for key in epoch.took]).encode(), 9)
        put = {
            "TableName": self._table,
            "Item": {
                **_epoch_key(head.shard, epoch.id),
                "nonce": text(epoch.id.nonce),
                "previous": text(epoch.previous.nonce),
                "entry": {"B": epoch.stored},
                "took": {"B": took},
                "openedAt": text(to_iso(epoch.opened_at)),
                "ttl": number(self._expiry(epoch.opened_at)),
            },
        }
        move = {
            "TableName": self._table,
            "Key": _head_key(head.shard),
            "UpdateExpression": "SET epoch = :epoch, nonce = :nonce, folded = :no, leasedUntil = :until",
            "ConditionExpression": f"{_AT_HEAD} AND folded = :yes AND {_NOT_LEASED}",
            "ExpressionAttributeValues": {
                **_at_head(head),
                ":epoch": number(epoch.id.number),
                ":nonce": text(epoch.id.nonce),
                ":no": {"BOOL": False},
                ":yes": {"BOOL": True},
                ":now": number(_millis(now)),
                ":until": number(_millis(until)),
            },
        }
        try:
            with busy_if_passing():
                self._dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Update": move}])  # type: ignore[typeddict-item]
        except ClientError as error:
            if FAILED_CONDITION not in cancellation_codes(error):
                raise
            raise LeaseLostError("somebody else opened an epoch") from None

    def take_over(self, head: Head, now: datetime, until: datetime) -> None:
        """Lease a shard whose epoch somebody left unfinished."""
        self._update_head(
            head.shard,
            "SET leasedUntil = :until",
            f"{_AT_HEAD} AND folded = :no AND {_NOT_LEASED}",
            {
                **_at_head(head),
                ":no": {"BOOL": False},
                ":now": number(_millis(now)),
                ":until": number(_millis(until)),
            },
        )

    def epoch(self, head: Head) -> Epoch:
        """Read the epoch that a head is at."""
        with busy_if_passing():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=_epoch_key(head.shard, head.epoch), ConsistentRead=True
            )
        if "Item" not in answer:
            raise LeaseLostError("the shard has moved on")
        return read_epoch(head.epoch.incarnation, answer["Item"])

    def drop(self, keys: Sequence[EntryKey]) -> None:
        """Delete at most 25 entries; those that are gone already do not matter."""
        with busy_if_passing():
            answer = self._dynamodb.batch_write_item(
                RequestItems={
                    self._table: [
                        {"DeleteRequest": {"Key": {"pk": text(key.partition), "sk": text(key.sort)}}}
                        for key in keys
                    ]
                }
            )
        if answer.get("UnprocessedItems"):
            raise BusyError("some entries were not deleted")

    def close_epoch(self, epoch: EpochId, shard: int) -> None:
        """Say that an epoch is folded, and end the lease; nothing happens if the shard has moved on."""
        values = {**_at_head(Head(shard, epoch, folded=False, leased_until=None)), ":yes": {"BOOL": True}}
        try:
            self._update_head(shard, "SET folded = :yes REMOVE leasedUntil", _AT_HEAD, values)
        except LeaseLostError:
            return

    def _update_head(self, shard: int, update: str, condition: str, values: Mapping[str, Any]) -> None:
        try:
            with busy_if_passing():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=_head_key(shard),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            raise LeaseLostError("somebody else has this shard") from None


_AT_HEAD = "incarnation = :incarnation AND epoch = :at AND nonce = :at_nonce"
_NOT_LEASED = "(attribute_not_exists(leasedUntil) OR leasedUntil < :now)"


def _at_head(head: Head) -> dict[str, Any]:
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


def _taken(error: ClientError, order: Sequence[Block]) -> Mapping[Block, frozenset[int]]:
    """Read from a cancelled transaction which clicks were claimed. Its reasons are in its items' order."""
    reasons: Sequence[Any] = error.response.get("CancellationReasons", [])
    taken: dict[Block, frozenset[int]] = {}
    for block, reason in zip(order, reasons, strict=False):
        if reason.get("Code") == FAILED_CONDITION:
            offsets = reason.get("Item", {}).get("claimed", {}).get("NS", [])
            taken[block] = frozenset(block.number * BLOCK_SIZE + int(offset) for offset in offsets)
    return taken


def _that_fit(entries: Sequence[PendingEntry]) -> Sequence[PendingEntry]:
    size = 0
    fit: list[PendingEntry] = []
    for entry in entries[:ENTRIES_PER_EPOCH]:
        size += len(entry.stored)
        if fit and size > BYTES_PER_EPOCH:
            break
        fit.append(entry)
    return fit


def _pending(item: Item) -> PendingEntry:
    sort = item["sk"]["S"]
    journalled_at = from_iso(sort.partition("#")[0])
    return PendingEntry(EntryKey(item["pk"]["S"], sort), journalled_at, _bytes(item, "entry"))


def _head(shard: int, item: Item) -> Head:
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


def _head_key(shard: int) -> dict[str, Any]:
    return {"pk": text(_HEADS), "sk": text(str(shard))}


def _epoch_key(shard: int, epoch: EpochId) -> dict[str, Any]:
    return {"pk": text(f"epochs#{shard}#{epoch.incarnation}"), "sk": text(f"{epoch.number:012}")}


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
