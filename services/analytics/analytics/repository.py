"""Counts in DynamoDB, for reading."""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from analytics.domain.periods import DayRange
from analytics.domain.statistics import Clicks, DayCounts, Link, is_counter
from analytics.settings import StatsSettings
from hopcount_shared.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

HISTORY_INDEX = "UserHistoryIndex"
TRASH = "deleted#"
"""What precedes a deleted link's owner in the links service's table, and so in its index."""

LINK_ATTRIBUTES = "id, userId, clicks, botClicks, deletedAt, erasedAt"
"""Exactly the attributes of a link that the functions' roles may read."""

_BATCH_ATTEMPTS = 6


class DynamoDbStatistics:
    """Reads counts from DynamoDB.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client of its own; used from several threads at once.
    settings
        The tables.
    sleep, jitter
        The wait before unprocessed keys are asked for again: full jitter over 50 ms, doubled each time.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        settings: StatsSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._dynamodb = dynamodb
        self._settings = settings
        self._sleep = sleep
        self._jitter = jitter
        dynamodb.meta.events.register("before-parse.dynamodb.Query", _leave_items_alone)

    def find_link(self, short_code: str) -> Link | None:
        """Return a link that is there and not deleted."""
        answer = self._dynamodb.get_item(
            TableName=self._settings.url_shortener_table,
            Key={"id": {"S": short_code}},
            ProjectionExpression=LINK_ATTRIBUTES,
        )
        link = _link(answer["Item"]) if "Item" in answer else None
        return None if link is None or link.deleted else link

    def find_days(self, short_code: str, days: DayRange) -> Mapping[date, DayCounts]:
        """Return the counters of those UTC days of the range that have any."""
        # A row is at most 2,400 bytes and a page 1 MB: a year is one request.
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._settings.daily_stats_table,
            KeyConditionExpression="shortCode = :code AND #date BETWEEN :first AND :last",
            ExpressionAttributeNames={"#date": "date"},
            ExpressionAttributeValues={
                ":code": {"S": short_code},
                ":first": {"S": days.first.isoformat()},
                ":last": {"S": days.last.isoformat()},
            },
        )
        return {
            date.fromisoformat(item["date"]["S"]): _counters(item) for page in pages for item in page["Items"]
        }

    def find_link_codes(self, user_id: str) -> Sequence[str]:
        """Return the code of every link that somebody has, or had and deleted, each once."""
        # One that is deleted or restored meanwhile may be under both keys.
        return list(dict.fromkeys(self._codes_under(user_id) + self._codes_under(TRASH + user_id)))

    def _codes_under(self, key: str) -> list[str]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._settings.url_shortener_table,
            IndexName=HISTORY_INDEX,
            KeyConditionExpression="userId = :user",
            ProjectionExpression="id",
            ExpressionAttributeValues={":user": {"S": key}},
        )
        return [item["id"]["S"] for page in pages for item in page["Items"]]

    def find_links(self, short_codes: Sequence[str]) -> Sequence[Link]:
        """Return those of at most 100 links that are there, deleted or not.

        Raises
        ------
        hopcount_shared.errors.UnavailableError
            If DynamoDB leaves some of them unread, however often it is asked.
        """
        table = self._settings.url_shortener_table
        links: list[Link | None] = []
        keys: Any = {
            "Keys": [{"id": {"S": code}} for code in short_codes],
            "ProjectionExpression": LINK_ATTRIBUTES,
        }
        for attempt in range(_BATCH_ATTEMPTS):
            if attempt:
                self._sleep(self._jitter(0, 0.05 * 2**attempt))
            answer = self._dynamodb.batch_get_item(RequestItems={table: keys})
            links += map(_link, answer["Responses"].get(table, []))
            if table not in answer["UnprocessedKeys"]:
                return [link for link in links if link]
            keys = answer["UnprocessedKeys"][table]
        raise UnavailableError("links cannot be read right now; try again", retry_after=1)


def _leave_items_alone(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    """Keep botocore from going through a page of days, which takes it ten times as long as reading the JSON.

    It would come to the same: items as the JSON has them.
    """
    if response_dict["status_code"] == 200:
        page = json.loads(response_dict["body"])
        customized_response_dict["Items"] = page.pop("Items", [])
        response_dict["body"] = json.dumps(page).encode()


def _link(item: Mapping[str, "AttributeValueTypeDef"]) -> Link | None:
    if "erasedAt" in item:
        return None
    owner = item["userId"]["S"]
    return Link(
        short_code=item["id"]["S"],
        owner=owner.removeprefix(TRASH),
        all_time=Clicks(_number(item, "clicks"), _number(item, "botClicks")),
        deleted="deletedAt" in item or owner.startswith(TRASH),
    )


def _counters(item: Mapping[str, "AttributeValueTypeDef"]) -> DayCounts:
    return {name: int(value["N"]) for name, value in item.items() if is_counter(name)}


def _number(item: Mapping[str, "AttributeValueTypeDef"], name: str) -> int:
    value = item.get(name)
    return int(value["N"]) if value else 0
