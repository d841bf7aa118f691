"""Links in DynamoDB: the table `UrlShortener` and its index `UserHistoryIndex`.

After its creation a link's row is only ever updated, never put: its counters belong to others.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hopcount_shared.aws import condition_failed
from hopcount_shared.errors import UnavailableError
from links.domain.link import Link, LinkChanges, Position
from links.rows import ERASED, from_item, owner_key, to_attributes, to_item, to_values

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

INDEX = "UserHistoryIndex"

_KEYS_PER_BATCH = 100
_BATCH_ATTEMPTS = 6


class DynamoLinkRepository:
    """Keeps links in DynamoDB.

    Parameters
    ----------
    dynamodb
        A boto3 client.
    table_name
        The table.
    sleep, jitter
        The wait before unprocessed keys are asked for again: full jitter over 50 ms, doubled each time.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        table_name: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._sleep = sleep
        self._jitter = jitter

    def create_link(self, link: Link) -> Link | None:
        """Keep a new link, unless its id is taken: then return the link, alive or deleted, that has it."""
        try:
            self._dynamodb.put_item(
                TableName=self._table_name,
                Item=to_item(link, "created"),
                ConditionExpression="attribute_not_exists(id)",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return self.get_link(link.id)
        return None

    def get_link(self, link_id: str) -> Link | None:
        """Return a link, alive or deleted, as it is now."""
        answer = self._dynamodb.get_item(
            TableName=self._table_name, Key={"id": {"S": link_id}}, ConsistentRead=True
        )
        return from_item(answer["Item"]) if "Item" in answer else None

    def get_links(self, link_ids: Sequence[str]) -> Mapping[str, Link]:
        """Return those of several links that exist, as they are now."""
        links: dict[str, Link] = {}
        for start in range(0, len(link_ids), _KEYS_PER_BATCH):
            links |= self._get_batch(link_ids[start : start + _KEYS_PER_BATCH])
        return links

    def _get_batch(self, link_ids: Sequence[str]) -> dict[str, Link]:
        links: dict[str, Link] = {}
        keys: Any = {"Keys": [{"id": {"S": link_id}} for link_id in link_ids], "ConsistentRead": True}
        for attempt in range(_BATCH_ATTEMPTS):
            if attempt:
                self._sleep(self._jitter(0, 0.05 * 2**attempt))
            answer = self._dynamodb.batch_get_item(RequestItems={self._table_name: keys})
            found = map(from_item, answer["Responses"].get(self._table_name, []))
            links |= {link.id: link for link in found}
            if self._table_name not in answer["UnprocessedKeys"]:
                return links
            keys = answer["UnprocessedKeys"][self._table_name]
        raise UnavailableError("links cannot be read right now; try again", retry_after=1)

    def list_positions(
        self, owner: str, *, deleted: bool, after: Position | None, limit: int
    ) -> Sequence[Position]:
        """Return up to `limit` places in an owner's list or trash, newest first; fewer only at its end."""
        user_id = owner_key(owner, deleted=deleted)
        start: Any = {}
        if after is not None:
            row = {"userId": user_id, "createdAt": after.created_at, "id": after.link_id}
            start = {"ExclusiveStartKey": to_values(row)}
        positions: list[Position] = []
        while True:
            answer = self._dynamodb.query(
                TableName=self._table_name,
                IndexName=INDEX,
                KeyConditionExpression="userId = :user",
                ExpressionAttributeValues={":user": {"S": user_id}},
                ScanIndexForward=False,
                Limit=limit - len(positions),
                **start,
            )
            positions += [Position(item["createdAt"]["S"], item["id"]["S"]) for item in answer["Items"]]
            if len(positions) == limit or "LastEvaluatedKey" not in answer:
                return positions
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def update_link(self, link: Link, changes: LinkChanges, now: datetime) -> Link | None:
        """Change a live link, unless it is not any more what `link` says: then return nothing."""
        return self._write(
            link.id,
            {**to_attributes(changes), "change": "updated"},
            now,
            condition="userId = :owner AND version = :version",
            values={":owner": link.owner, ":version": link.version},
        )

    def delete_link(self, link_id: str, owner: str, now: datetime) -> Link | None:
        """Delete an owner's live link; return nothing if there is none."""
        trash = owner_key(owner, deleted=True)
        return self._write(
            link_id,
            {"userId": trash, "deletedAt": now, "change": "deleted"},
            now,
            condition="userId = :owner",
            values={":owner": owner},
        )

    def restore_link(self, link_id: str, owner: str, now: datetime) -> Link | None:
        """Bring back an owner's deleted link; return nothing if there is none."""
        return self._write(
            link_id,
            {"userId": owner, "deletedAt": None, "change": "restored"},
            now,
            condition="userId = :trash",
            values={":trash": owner_key(owner, deleted=True)},
        )

    def erase_link(self, link_id: str, owner: str, now: datetime) -> bool:
        """Forget all of an owner's link but its id and counters; return whether there was something.

        Who counts may have left its mark `erasedAt` there before.
        """
        try:
            self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"id": {"S": link_id}},
                UpdateExpression=(
                    "SET erasedAt = if_not_exists(erasedAt, :now), #change = :erased "
                    f"REMOVE {', '.join(ERASED)}"
                ),
                ConditionExpression="userId = :owner OR userId = :trash",
                ExpressionAttributeNames={"#change": "change"},
                ExpressionAttributeValues=to_values(
                    {
                        ":now": now,
                        ":erased": "erased",
                        ":owner": owner,
                        ":trash": owner_key(owner, deleted=True),
                    }
                ),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True

    def _write(
        self,
        link_id: str,
        attributes: Mapping[str, Any],
        now: datetime,
        *,
        condition: str,
        values: Mapping[str, Any],
    ) -> Link | None:
        """Set attributes (`None` removes) and raise the version, if the condition holds."""
        attributes = {**attributes, "updatedAt": now}
        names = {f"#{name}": name for name in attributes}
        sets = [f"#{name} = :new_{name}" for name, value in attributes.items() if value is not None]
        removes = [f"#{name}" for name, value in attributes.items() if value is None]
        expression = f"SET {', '.join(sets)}" + (f" REMOVE {', '.join(removes)}" if removes else "")
        new = {f":new_{name}": value for name, value in attributes.items()}
        try:
            answer = self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"id": {"S": link_id}},
                UpdateExpression=f"{expression} ADD version :one",
                ConditionExpression=f"{condition} AND attribute_not_exists(erasedAt)",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=to_values({**values, **new, ":one": 1}),
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return None
        return from_item(answer["Attributes"])
