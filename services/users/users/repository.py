"""Users in DynamoDB."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hopcount_shared.aws import THROTTLES, cancellation_codes, condition_failed, error_code
from hopcount_shared.errors import GoneError, UnavailableError
from users.domain.user import User

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_RETRYABLE = THROTTLES | {
    "InternalServerError",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_RETRYABLE_REASONS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class DynamoUsers:
    """The `User` table, and the internal table that remembers handled events.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client.
    table_name
        The `User` table.
    internal_table_name
        The table of handled events; only `add_links` needs it.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table_name: str, internal_table_name: str = "") -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._internal_table_name = internal_table_name

    def register(self, user_id: str, email: str | None, created_at: str) -> User | None:
        """Fill in what the row lacks: counting may have written totals before. None if the user is erased."""
        values: dict[str, Any] = {":now": {"S": created_at}, ":zero": {"N": "0"}}
        given = {"createdAt": ":now", "totalLinks": ":zero", "totalClicks": ":zero"}
        if email is not None:
            values[":email"] = {"S": email}
            given["email"] = ":email"
        try:
            response = self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"userId": {"S": user_id}},
                UpdateExpression="SET "
                + ", ".join(f"{name} = if_not_exists({name}, {value})" for name, value in given.items()),
                ConditionExpression="attribute_not_exists(erasedAt)",
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if condition_failed(error):
                return None
            raise
        return _user(response["Attributes"])

    def get(self, user_id: str) -> User | None:
        """Read the row as it is now."""
        response = self._dynamodb.get_item(
            TableName=self._table_name, Key={"userId": {"S": user_id}}, ConsistentRead=True
        )
        return _user(response["Item"]) if "Item" in response else None

    def add_links(self, user_id: str, change: int, event_id: str, forget_at: datetime) -> bool:
        """Remember the event and add to the total, both or neither; nothing is added to an erased user."""
        put: Any = {
            "TableName": self._internal_table_name,
            "Item": {"id": {"S": f"event#{event_id}"}, "ttl": {"N": str(int(forget_at.timestamp()))}},
            "ConditionExpression": "attribute_not_exists(id)",
        }
        update: Any = {
            "TableName": self._table_name,
            "Key": {"userId": {"S": user_id}},
            "UpdateExpression": "ADD totalLinks :change",
            "ConditionExpression": "attribute_not_exists(erasedAt)",
            "ExpressionAttributeValues": {":change": {"N": str(change)}},
        }
        with unavailable_if_passing():
            try:
                self._dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])
            except ClientError as error:
                # Whatever else was in the way: it was handled before, or there is nobody to count for.
                if "ConditionalCheckFailed" in cancellation_codes(error):
                    return False
                raise
        return True

    def disable(self, user_id: str, at: str) -> str:
        """Mark the user as disabled; return since when they are. The row is made if there is none."""
        with unavailable_if_passing():
            try:
                response = self._dynamodb.update_item(
                    TableName=self._table_name,
                    Key={"userId": {"S": user_id}},
                    UpdateExpression="SET disabledAt = if_not_exists(disabledAt, :at)",
                    ConditionExpression="attribute_not_exists(erasedAt)",
                    ExpressionAttributeValues={":at": {"S": at}},
                    ReturnValues="ALL_NEW",
                )
            except ClientError as error:
                if condition_failed(error):
                    raise GoneError("this account was deleted") from None
                raise
        return response["Attributes"]["disabledAt"]["S"]

    def enable(self, user_id: str) -> None:
        """Take that mark away, if it is there."""
        with unavailable_if_passing():
            try:
                self._dynamodb.update_item(
                    TableName=self._table_name,
                    Key={"userId": {"S": user_id}},
                    UpdateExpression="REMOVE disabledAt",
                    ConditionExpression="attribute_exists(disabledAt)",
                )
            except ClientError as error:
                if not condition_failed(error):
                    raise

    def mark_erased(self, user_id: str, at: str) -> str:
        """Mark the user as erased, for ever; return since when they are."""
        with unavailable_if_passing():
            response = self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"userId": {"S": user_id}},
                UpdateExpression="SET erasedAt = if_not_exists(erasedAt, :at)",
                ExpressionAttributeValues={":at": {"S": at}},
                ReturnValues="ALL_NEW",
            )
        return response["Attributes"]["erasedAt"]["S"]

    def erase(self, user_id: str) -> None:
        """Remove everything from a marked user's row but the mark, and the counting engine's own."""
        with unavailable_if_passing():
            self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"userId": {"S": user_id}},
                UpdateExpression="REMOVE email, createdAt, totalLinks, totalClicks, apiTokens, disabledAt",
                ConditionExpression="attribute_exists(erasedAt)",
            )


@contextmanager
def unavailable_if_passing() -> Iterator[None]:
    """Raise `UnavailableError` for whatever another try may mend."""
    try:
        yield
    except ClientError as error:
        if error_code(error) in _RETRYABLE or _RETRYABLE_REASONS & set(cancellation_codes(error)):
            raise UnavailableError("the table is busy", retry_after=1) from error
        raise


def _user(item: Mapping[str, Mapping[str, Any]]) -> User:
    return User(
        user_id=item["userId"]["S"],
        email=item.get("email", {}).get("S"),
        total_links=int(item.get("totalLinks", {}).get("N", 0)),
        total_clicks=int(item.get("totalClicks", {}).get("N", 0)),
        created_at=item.get("createdAt", {}).get("S"),
    )
