"""Links in DynamoDB, read only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hopcount_shared.errors import UnavailableError
from hopcount_shared.times import from_iso
from redirect.domain.link import DEFAULT_STATUS, Link

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

PROJECTION = "id, originalUrl, userId, deletedAt, expiresAt, redirectStatus, maxAge"
"""All that the function's policy lets it read."""


class DynamoLinks:
    """The table of links.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client.
    table_name
        The table's name.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table_name: str) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name

    def get(self, code: str) -> Link | None:
        """Read a link as it is now: one made an instant ago is found, one deleted an instant ago is gone.

        Raises
        ------
        UnavailableError
            If DynamoDB does not answer.
        """
        try:
            response = self._dynamodb.get_item(
                TableName=self._table_name,
                Key={"id": {"S": code}},
                ProjectionExpression=PROJECTION,
                ConsistentRead=True,
            )
        except (BotoCoreError, ClientError) as error:
            raise UnavailableError("the links cannot be read", retry_after=2) from error
        item = response.get("Item", {})
        # A row without a target is no link, whoever wrote it.
        return _link(item) if "originalUrl" in item else None


def _link(item: Mapping[str, Mapping[str, Any]]) -> Link:
    expires_at = item.get("expiresAt", {}).get("S")
    max_age = item.get("maxAge", {}).get("N")
    return Link(
        code=item["id"]["S"],
        url=item["originalUrl"]["S"],
        owner=item["userId"]["S"],
        expires_at=from_iso(expires_at) if expires_at else None,
        deleted="deletedAt" in item,
        status=int(item.get("redirectStatus", {}).get("N", DEFAULT_STATUS)),
        max_age=int(max_age) if max_age is not None else None,
    )
