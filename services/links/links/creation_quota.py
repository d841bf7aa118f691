"""How many links somebody may make in a window of time, counted in DynamoDB."""

from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hopcount_shared.aws import condition_failed
from hopcount_shared.errors import QuotaExceededError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class DynamoCreationQuota:
    """Counts creations per owner and window, in one row each, which expires with its window.

    Parameters
    ----------
    dynamodb
        A boto3 client.
    table_name
        The service's internal table.
    limit
        Creations per window.
    window_seconds
        Length of a window; windows start at multiples of it since 1970.
    """

    def __init__(
        self, dynamodb: "DynamoDBClient", table_name: str, *, limit: int, window_seconds: int
    ) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._limit = limit
        self._window_seconds = window_seconds

    def take(self, owner: str, now: datetime) -> None:
        """Use one up.

        Raises
        ------
        QuotaExceededError
            If none is left before the window ends.
        """
        second = int(now.timestamp())
        start = second - second % self._window_seconds
        end = start + self._window_seconds
        try:
            self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"id": {"S": f"quota#{owner}#{start}"}},
                UpdateExpression="ADD used :one SET #ttl = :end",
                ConditionExpression="attribute_not_exists(used) OR used < :limit",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":limit": {"N": str(self._limit)},
                    ":end": {"N": str(end)},
                },
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            message = f"{self._limit} links per {self._window_seconds} seconds; try again later"
            raise QuotaExceededError(message, retry_after=end - second) from None
