"""How far a restore has come, noted in the ledger that is restored: so it can go on after any end.

    pk       sk       backupId, paused, done: which backup, whether we paused the consumer, what is restored
    restore  restore

The engine never looks there, and in the end the item is gone.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from analytics.counting.dynamodb import FAILED_CONDITION
from hopcount_cli.errors import CommandError
from hopcount_cli.ops.backup_files import Item
from hopcount_cli.ops.backup_tables import LEDGER, is_empty
from hopcount_cli.ops.restore_content import RESTORE
from hopcount_shared.aws import cancellation_codes, condition_failed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_KEY: Mapping[str, Any] = {"pk": {"S": RESTORE}, "sk": {"S": RESTORE}}

_OURS = "backupId = :backup"


class RestoreProgress:
    """What of a backup is restored.

    Parameters
    ----------
    dynamodb
        A boto3 client.
    tables
        The names of the tables that are filled.
    backup
        The backup's id.

    Raises
    ------
    CommandError
        If another backup is being restored there.
    """

    def __init__(self, dynamodb: "DynamoDBClient", tables: Mapping[str, str], backup: str) -> None:
        self._dynamodb = dynamodb
        self._tables = tables
        self._backup = backup
        answer = dynamodb.get_item(TableName=tables[LEDGER], Key=_KEY, ConsistentRead=True)
        item: Any = answer.get("Item")
        if item and item["backupId"]["S"] != backup:
            raise CommandError(
                f"another backup ({item['backupId']['S']}) is half restored there: finish that one, or begin "
                "with empty tables"
            )
        self.begun = item is not None
        self.paused = bool(item and item["paused"]["BOOL"])
        self.done: set[str] = set(item.get("done", {}).get("SS", ())) if item else set()

    @staticmethod
    def check_absent(dynamodb: "DynamoDBClient", ledger: str) -> None:
        """Check that nothing is half restored.

        Raises
        ------
        CommandError
            If something is.
        """
        if "Item" in dynamodb.get_item(TableName=ledger, Key=_KEY, ConsistentRead=True):
            raise CommandError("a restore is not finished there: run it again first")

    def check_empty(self) -> None:
        """Check that there is nothing, unless we put it there.

        Raises
        ------
        CommandError
            If there is.
        """
        full = [
            name for name in self._tables.values() if not self.begun and not is_empty(self._dynamodb, name)
        ]
        if full:
            raise CommandError(f"not empty: {', '.join(full)}. A backup is restored into empty tables only")

    def begin(self, *, paused: bool) -> None:
        """Note that from now on there is something."""
        if self.begun:
            return
        try:
            self._dynamodb.put_item(
                TableName=self._tables[LEDGER],
                Item={**_KEY, "backupId": {"S": self._backup}, "paused": {"BOOL": paused}},
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            raise CommandError("somebody else has begun to restore there") from None
        self.begun = True

    def note(self, step: str) -> None:
        """Note that a step is done."""
        self._dynamodb.update_item(
            TableName=self._tables[LEDGER],
            Key=_KEY,
            UpdateExpression="ADD done :step",
            ConditionExpression=_OURS,
            ExpressionAttributeValues={":step": {"SS": [step]}, ":backup": {"S": self._backup}},
        )
        self.done.add(step)

    def put_once(self, step: str, puts: Sequence[tuple[str, Item, Mapping[str, Any]]]) -> None:
        """Put items and note that as a step: all or nothing, and not if it is noted.

        Parameters
        ----------
        step
            Its name.
        puts
            The table, the item, and its condition with the values, if there is one.

        Raises
        ------
        CommandError
            If a condition does not hold.
        """
        if step in self.done:
            return
        items: list[Any] = [
            {"Put": {"TableName": self._tables[table], "Item": item, **condition}}
            for table, item, condition in puts
        ]
        note: Any = {
            "TableName": self._tables[LEDGER],
            "Key": _KEY,
            "UpdateExpression": "ADD done :steps",
            "ConditionExpression": f"{_OURS} AND (attribute_not_exists(done) OR NOT contains(done, :step))",
            "ExpressionAttributeValues": {
                ":steps": {"SS": [step]},
                ":step": {"S": step},
                ":backup": {"S": self._backup},
            },
        }
        try:
            self._dynamodb.transact_write_items(TransactItems=[{"Update": note}, *items])
        except ClientError as error:
            codes = cancellation_codes(error)
            if FAILED_CONDITION not in codes:
                raise
            if codes[0] != FAILED_CONDITION:
                raise CommandError("somebody counts there already: begin with empty tables") from None
            # An answer that was lost: it is noted already.
        self.done.add(step)

    def finish(self) -> None:
        """Forget that there was a restore."""
        self._dynamodb.delete_item(TableName=self._tables[LEDGER], Key=_KEY)
