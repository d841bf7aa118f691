"""What was counted in all, for the landing page: no table is gone through, and nobody's clicks show in it."""

from typing import TYPE_CHECKING

from analytics.counting.counters import WITNESS
from analytics.counting.dynamodb import read_number
from analytics.domain.tallies import Totals

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def read_figures(dynamodb: "DynamoDBClient", days_table: str) -> Totals:
    """Add up what the witnesses saw: one row for each shard and life of the ledger."""
    answer = dynamodb.query(
        TableName=days_table,
        KeyConditionExpression="shortCode = :witness",
        ExpressionAttributeValues={":witness": {"S": WITNESS}},
        ProjectionExpression="allClicks, allBotClicks",
    )
    rows = answer["Items"]
    return Totals(
        sum(read_number(row, "allClicks") for row in rows),
        sum(read_number(row, "allBotClicks") for row in rows),
    )
