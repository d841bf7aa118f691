"""The ledger in DynamoDB. How its items are laid out is in `ledger_items.py`."""

import json
import secrets
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from analytics.counting.dynamodb import (
    FAILED_CONDITION,
    busy_if_passing,
    number,
    text,
)
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
from analytics.counting.ledger_items import (
    AT_HEAD,
    ENTRIES_PER_EPOCH,
    HEADS,
    JOURNAL_PARTITIONS,
    NOT_LEASED,
    at_head,
    entry_key,
    epoch_key,
    head_key,
    journal_partition,
    millis,
    read_epoch,
    read_head,
    read_pending,
    take_what_fits,
)
from analytics.counting.ports import AlreadyClaimedError, BusyError, LeaseLostError
from hopcount_shared.aws import cancellation_codes, condition_failed
from hopcount_shared.base62 import random_text
from hopcount_shared.times import Clock, to_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MARGIN = timedelta(days=1)
"""How much longer claims are kept than clicks are accepted, because clocks differ."""


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
        partition = journal_partition(shard, secrets.randbelow(JOURNAL_PARTITIONS))
        key = EntryKey(partition, f"{to_iso(now)}#{self._nonce()}")
        return {"TableName": self._table, "Item": {**entry_key(key), "entry": {"B": stored}}}

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
                ExpressionAttributeValues={":heads": text(HEADS)},
                ConsistentRead=True,
            )
        return [read_head(int(item["sk"]["S"]), item) for item in answer["Items"]]

    def head(self, shard: int) -> Head:
        """Read a head as it is now; make it if there is none."""
        with busy_if_passing():
            while True:
                answer = self._dynamodb.get_item(
                    TableName=self._table, Key=head_key(shard), ConsistentRead=True
                )
                if "Item" in answer:
                    return read_head(shard, answer["Item"])
                self._make_head(shard)

    def _make_head(self, shard: int) -> None:
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item={
                    **head_key(shard),
                    "incarnation": text(random_text(6)),
                    "epoch": number(0),
                    "nonce": text(NO_EPOCH_NONCE),
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
                    ExpressionAttributeValues={":partition": text(journal_partition(shard, part))},
                    ConsistentRead=True,
                    Limit=ENTRIES_PER_EPOCH,
                )
            found += [read_pending(item) for item in answer["Items"]]
        found.sort(key=lambda entry: entry.key.sort)
        return take_what_fits(found)

    def open_epoch(self, head: Head, epoch: Epoch, now: datetime, until: datetime) -> None:
        """Store an epoch and move the head to it, leased: all or nothing."""
        took = zlib.compress(json.dumps([list(key) for key in epoch.took]).encode(), 9)
        put = {
            "TableName": self._table,
            "Item": {
                **epoch_key(head.shard, epoch.id),
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
            "Key": head_key(head.shard),
            "UpdateExpression": "SET epoch = :epoch, nonce = :nonce, folded = :no, leasedUntil = :until",
            "ConditionExpression": f"{AT_HEAD} AND folded = :yes AND {NOT_LEASED}",
            "ExpressionAttributeValues": {
                **at_head(head),
                ":epoch": number(epoch.id.number),
                ":nonce": text(epoch.id.nonce),
                ":no": {"BOOL": False},
                ":yes": {"BOOL": True},
                ":now": millis(now),
                ":until": millis(until),
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
            f"{AT_HEAD} AND folded = :no AND {NOT_LEASED}",
            {
                **at_head(head),
                ":no": {"BOOL": False},
                ":now": millis(now),
                ":until": millis(until),
            },
        )

    def epoch(self, head: Head) -> Epoch:
        """Read the epoch that a head is at."""
        with busy_if_passing():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=epoch_key(head.shard, head.epoch), ConsistentRead=True
            )
        if "Item" not in answer:
            raise LeaseLostError("the shard has moved on")
        return read_epoch(head.epoch.incarnation, answer["Item"])

    def drop(self, keys: Sequence[EntryKey]) -> None:
        """Delete at most 25 entries; those that are gone already do not matter."""
        with busy_if_passing():
            answer = self._dynamodb.batch_write_item(
                RequestItems={self._table: [{"DeleteRequest": {"Key": entry_key(key)}} for key in keys]}
            )
        if answer.get("UnprocessedItems"):
            raise BusyError("some entries were not deleted")

    def close_epoch(self, epoch: EpochId, shard: int) -> None:
        """Say that an epoch is folded, and end the lease; nothing happens if the shard has moved on."""
        values = {**at_head(Head(shard, epoch, folded=False, leased_until=None)), ":yes": {"BOOL": True}}
        try:
            self._update_head(shard, "SET folded = :yes REMOVE leasedUntil", AT_HEAD, values)
        except LeaseLostError:
            return

    def _update_head(self, shard: int, update: str, condition: str, values: Mapping[str, Any]) -> None:
        try:
            with busy_if_passing():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=head_key(shard),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            raise LeaseLostError("somebody else has this shard") from None


def _taken(error: ClientError, order: Sequence[Block]) -> Mapping[Block, frozenset[int]]:
    """Read from a cancelled transaction which clicks were claimed. Its reasons are in its items' order."""
    reasons: Sequence[Any] = error.response.get("CancellationReasons", [])
    taken: dict[Block, frozenset[int]] = {}
    for block, reason in zip(order, reasons, strict=False):
        if reason.get("Code") == FAILED_CONDITION:
            offsets = reason.get("Item", {}).get("claimed", {}).get("NS", [])
            taken[block] = frozenset(block.number * BLOCK_SIZE + int(offset) for offset in offsets)
    return taken
