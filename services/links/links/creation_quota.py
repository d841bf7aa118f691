"""How many links somebody may make in a window of time, counted in DynamoDB."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

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

    def take(self, owner: str, now: datetime, wanted: int = 1) -> int:
        """Use up as many as are wanted and left before the window ends, and return how many.

        Raises
        ------
        QuotaExceededError
            If none is left.
        """
        left = self._limit
        while left > 0:
            number = min(wanted, left)
            used = self._add(owner, now, number)
            if used is None:
                return number
            # Others may have taken some since it was read: then there are fewer still.
            left = min(self._limit - used, left - 1)
        message = f"{self._limit} links per {self._window_seconds} seconds; try again later"
        raise QuotaExceededError(message, retry_after=self._window(now)[1] - int(now.timestamp()))

    def give_back(self, owner: str, now: datetime, number: int) -> None:
        """Give back what was taken at `now` and not used."""
        if number:
            self._add(owner, now, -number)

    def _add(self, owner: str, now: datetime, number: int) -> int | None:
        """Add to what is used; if that would be beyond the limit, do not, and return what is."""
        start, end = self._window(now)
        try:
            self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"id": {"S": f"quota#{owner}#{start}"}},
                UpdateExpression="ADD used :number SET #ttl = :end",
                ConditionExpression="attribute_not_exists(used) OR used <= :most",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues={
                    ":number": {"N": str(number)},
                    ":most": {"N": str(self._limit - number)},
                    ":end": {"N": str(end)},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            found: Any = error.response.get("Item", {})
            return int(found.get("used", {}).get("N", self._limit))
        return None

    def _window(self, now: datetime) -> tuple[int, int]:
        second = int(now.timestamp())
        start = second - second % self._window_seconds
        return start, start + self._window_seconds
