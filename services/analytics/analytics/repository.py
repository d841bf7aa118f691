"""Counts in DynamoDB, for reading."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from analytics.domain.statistics import Clicks, DayRange, Link
from analytics.settings import StatsSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


class DynamoDbStatistics:
    """Reads counts from DynamoDB.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client; used from several threads at once.
    settings
        The tables.
    """

    def __init__(self, dynamodb: "DynamoDBClient", settings: StatsSettings) -> None:
        self._dynamodb = dynamodb
        self._settings = settings

    def find_link(self, short_code: str) -> Link | None:
        """Return a link that is there and not deleted."""
        # Exactly the attributes that the function's role may read.
        response = self._dynamodb.get_item(
            TableName=self._settings.url_shortener_table,
            Key={"id": {"S": short_code}},
            ProjectionExpression="id, userId, clicks, botClicks, deletedAt",
        )
        item = response.get("Item")
        if item is None or "deletedAt" in item:
            return None
        return Link(owner=item["userId"]["S"], all_time=_clicks(item))

    def find_days(self, short_code: str, days: DayRange) -> Mapping[date, Clicks]:
        """Return the counts of those days of the range that have any."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._settings.daily_stats_table,
            KeyConditionExpression="shortCode = :code AND #date BETWEEN :first AND :last",
            ProjectionExpression="#date, clicks, botClicks",
            ExpressionAttributeNames={"#date": "date"},
            ExpressionAttributeValues={
                ":code": {"S": short_code},
                ":first": {"S": days.first.isoformat()},
                ":last": {"S": days.last.isoformat()},
            },
        )
        return {
            date.fromisoformat(item["date"]["S"]): _clicks(item) for page in pages for item in page["Items"]
        }


def _clicks(item: Mapping[str, "AttributeValueTypeDef"]) -> Clicks:
    return Clicks(clicks=_number(item, "clicks"), bot_clicks=_number(item, "botClicks"))


def _number(item: Mapping[str, "AttributeValueTypeDef"], name: str) -> int:
    value = item.get(name)
    return int(value["N"]) if value else 0
