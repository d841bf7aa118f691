"""Links in DynamoDB, read only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from hopcount_shared.errors import UnavailableError
from hopcount_shared.times import from_iso
from redirect.aws.client import AwsClient
from redirect.aws.errors import AwsError
from redirect.domain.link import DEFAULT_STATUS, Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROJECTION = (
    "id, originalUrl, userId, deletedAt, expiresAt, redirectStatus, maxAge, passQuery, "
    "disabledAt, disabledReason, erasedAt"
)
"""All that the function's policy lets it read."""

RETRY_AFTER_SECONDS = 2
"""What a visitor is told to wait if a link cannot be read."""


class DynamoLinks:
    """The table of links.

    Parameters
    ----------
    dynamodb
        A client of DynamoDB.
    table_name
        The table's name.
    """

    def __init__(self, dynamodb: AwsClient, table_name: str) -> None:
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
            answer = self._dynamodb.call(
                "GetItem",
                {
                    "TableName": self._table_name,
                    "Key": {"id": {"S": code}},
                    "ProjectionExpression": PROJECTION,
                    "ConsistentRead": True,
                },
            )
        except AwsError as error:
            raise UnavailableError("the links cannot be read", retry_after=RETRY_AFTER_SECONDS) from error
        return link_from_item(answer.get("Item", {}))


def link_from_item(item: Mapping[str, Mapping[str, Any]]) -> Link | None:
    """Read a link from its row, or None: a row without a target is no link, but may have been one."""
    if "erasedAt" in item:
        return Link(code=item["id"]["S"], url="", owner="", deleted=True)
    if "originalUrl" not in item:
        return None
    max_age = item.get("maxAge", {}).get("N")
    return Link(
        code=item["id"]["S"],
        url=item["originalUrl"]["S"],
        owner=item["userId"]["S"],
        expires_at=_moment(item.get("expiresAt", {}).get("S")),
        deleted="deletedAt" in item,
        status=int(item.get("redirectStatus", {}).get("N", DEFAULT_STATUS)),
        max_age=int(max_age) if max_age is not None else None,
        pass_query=bool(item.get("passQuery", {}).get("BOOL", False)),
        disabled=item.get("disabledReason", {}).get("S", "") if "disabledAt" in item else None,
    )


def _moment(text: str | None) -> datetime | None:
    return from_iso(text) if text else None
