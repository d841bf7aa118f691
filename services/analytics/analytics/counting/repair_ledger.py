"""What an operator does to the ledger: hold it still, journal a repair, begin a new life.

A shard is held still by its lease, which keeps folders from opening an epoch. The moment until which it is
taken tells whose it is.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from analytics.counting.dynamodb import FAILED_CONDITION, number, text
from analytics.counting.journal import NO_EPOCH_NONCE, Entry, EntryKey, Head
from analytics.counting.ledger_items import (
    AT_HEAD,
    NOT_LEASED,
    at_head,
    entry_key,
    epoch_key,
    head_key,
    journal_partition,
    millis,
)
from analytics.counting.ports import LeaseLostError
from hopcount_shared.aws import cancellation_codes, condition_failed
from hopcount_shared.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class RepairLedger:
    """The ledger in DynamoDB, for whoever repairs.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client.
    table
        The ledger's table.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def take(self, shard: int, now: datetime, until: datetime) -> bool:
        """Lease a shard whose epoch is folded; return whether it is ours now."""
        return self._update(
            shard,
            "SET leasedUntil = :until",
            f"folded = :yes AND {NOT_LEASED}",
            {":until": millis(until), ":now": millis(now), ":yes": {"BOOL": True}},
        )

    def extend(self, shard: int, taken: datetime, until: datetime) -> bool:
        """Extend a lease that was taken until a moment; return whether it still was ours."""
        return self._update(
            shard,
            "SET leasedUntil = :until",
            "leasedUntil = :taken",
            {":until": millis(until), ":taken": millis(taken)},
        )

    def release(self, shard: int, taken: datetime) -> None:
        """End a lease that was taken until a moment, if it still is ours."""
        self._update(shard, "REMOVE leasedUntil", "leasedUntil = :taken", {":taken": millis(taken)})

    def journal(self, shard: int, entry: Entry, taken: datetime, now: datetime, nonce: str) -> EntryKey:
        """Journal an entry while the shard is ours: so it cannot have been folded, and is journalled once.

        Raises
        ------
        LeaseLostError
            If the shard is not ours any more. Nothing was journalled.
        """
        key = EntryKey(journal_partition(shard, 0), f"{to_iso(now)}#{nonce}")
        self._transact(
            {
                "ConditionCheck": {
                    "TableName": self._table,
                    "Key": head_key(shard),
                    "ConditionExpression": "leasedUntil = :taken",
                    "ExpressionAttributeValues": {":taken": millis(taken)},
                }
            },
            {
                "Put": {
                    "TableName": self._table,
                    "Item": {**entry_key(key), "entry": {"B": entry.to_bytes()}},
                }
            },
        )
        return key

    def is_pending(self, key: EntryKey) -> bool:
        """Tell whether an entry has not been folded yet."""
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=entry_key(key), ProjectionExpression="pk", ConsistentRead=True
        )
        return "Item" in answer

    def begin_new_life(self, head: Head, incarnation: str) -> None:
        """Begin a new incarnation of a shard whose ledger and counters are not of the same time.

        An epoch that was opened and could not be added to anything is forgotten; its entries stay pending.

        Raises
        ------
        LeaseLostError
            If the shard has moved on, so it cannot be as bad as that.
        """
        begin = {
            "Update": {
                "TableName": self._table,
                "Key": head_key(head.shard),
                "UpdateExpression": "SET incarnation = :new, epoch = :zero, nonce = :none, folded = :yes "
                "ADD earlier :earlier REMOVE leasedUntil",
                "ConditionExpression": AT_HEAD,
                "ExpressionAttributeValues": {
                    **at_head(head),
                    ":new": text(incarnation),
                    ":zero": number(0),
                    ":none": text(NO_EPOCH_NONCE),
                    ":yes": {"BOOL": True},
                    ":earlier": {"SS": [head.epoch.incarnation]},
                },
            }
        }
        forget = {"Delete": {"TableName": self._table, "Key": epoch_key(head.shard, head.epoch)}}
        self._transact(begin, *([] if head.folded else [forget]))

    def acknowledge(self, shard: int, incarnations: Collection[str], *, unproved: bool) -> None:
        """Let a shard know of incarnations that the ledger has forgotten, so that counting may go on.

        Parameters
        ----------
        shard
            Any shard that has a head.
        incarnations
            Those that are forgotten.
        unproved
            Whether what they counted is to be taken at its word from now on, although no epoch proves it.
        """
        added = "earlier :them, unproved :them" if unproved else "earlier :them"
        self._update(shard, f"ADD {added}", "attribute_exists(pk)", {":them": {"SS": sorted(incarnations)}})

    def _update(self, shard: int, update: str, condition: str, values: Mapping[str, Any]) -> bool:
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=head_key(shard),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def _transact(self, *items: Any) -> None:
        try:
            self._dynamodb.transact_write_items(TransactItems=items)
        except ClientError as error:
            if FAILED_CONDITION not in cancellation_codes(error):
                raise
            raise LeaseLostError("somebody else has this shard") from None
