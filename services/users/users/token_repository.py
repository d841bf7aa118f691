"""API tokens in DynamoDB.

Each token is a row of its own, by its id. Which tokens a user has stands in the set `apiTokens` of the user's
row, changed in the same transactions: so no user has one too many, a list is never out of date, and deleting
an account misses no token, however recent.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from math import ceil
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from hopcount_shared.aws import cancellation_codes, condition_failed
from hopcount_shared.errors import ForbiddenError, GoneError, UnavailableError
from hopcount_shared.observability import logger
from hopcount_shared.times import from_iso, to_iso
from users.domain.api_token import ApiToken
from users.repository import unavailable_if_passing
from users.token_service import KeptToken

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_SHOWN = "id, userId, #name, scopes, createdAt, expiresAt, lastUsedAt"
_NAME = {"#name": "name"}
_DISABLE = "SET disabledAt = if_not_exists(disabledAt, :at)"
_OF_OWNER = "apiTokens, erasedAt, disabledAt"
_KEPT_AND_NOT_YET_TODAY = "attribute_exists(id) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < :today)"
_HAS_ROOM = (
    "attribute_not_exists(erasedAt) AND attribute_not_exists(disabledAt) "
    "AND (attribute_not_exists(apiTokens) OR size(apiTokens) < :most)"
)


class DynamoTokens:
    """The `ApiToken` table, and each user's set of tokens in the `User` table.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client.
    token_table_name
        The `ApiToken` table.
    user_table_name
        The `User` table; `find` and `mark_used` do without it.
    """

    def __init__(self, dynamodb: "DynamoDBClient", token_table_name: str, user_table_name: str = "") -> None:
        self._dynamodb = dynamodb
        self._tokens = token_table_name
        self._users = user_table_name

    def add(self, kept: KeptToken, at_most: int) -> bool:
        """Keep a new token; return False if its owner has as many as they may, or is erased."""
        put: Any = {
            "TableName": self._tokens,
            "Item": _item(kept),
            "ConditionExpression": "attribute_not_exists(id)",
        }
        enlist: Any = {
            **self._of_user(kept.token.user_id),
            "UpdateExpression": "ADD apiTokens :ids",
            "ConditionExpression": _HAS_ROOM,
            "ExpressionAttributeValues": {":ids": {"SS": [kept.token.id]}, ":most": {"N": str(at_most)}},
        }
        with _false_if_refused(by=1) as answer:
            self._dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Update": enlist}])
        return answer.done

    def list(self, user_id: str) -> Sequence[ApiToken]:
        """Return every token of a user that is kept, expired ones too, in no order."""
        return self._read(self._ids(user_id))

    def tidy(self, user_id: str, now: datetime) -> None:
        """Forget the user's tokens that are over: expired, or removed by DynamoDB since."""
        ids = self._ids(user_id)
        live = {token.id for token in self._read(ids) if token.is_live(now)}
        over = sorted(ids - live)
        if not over:
            return
        for token_id in over:
            self._delete(token_id, user_id)
        with unavailable_if_passing():
            self._dynamodb.update_item(
                **self._of_user(user_id),
                UpdateExpression="DELETE apiTokens :ids",
                ExpressionAttributeValues={":ids": {"SS": over}},
            )

    def find(self, token_id: str) -> KeptToken | None:
        """Return a token as it is now; none if its owner is disabled."""
        answer = self._dynamodb.get_item(
            TableName=self._tokens, Key={"id": {"S": token_id}}, ConsistentRead=True
        )
        item = answer.get("Item")
        if item is None or "disabledAt" in item:
            return None
        return KeptToken(_token(item), item["digest"]["S"])

    def mark_used(self, token: ApiToken, now: datetime) -> None:
        """Write down the day of a token's use, if it is still kept; what goes wrong is logged, no more."""
        try:
            self._dynamodb.update_item(
                TableName=self._tokens,
                Key={"id": {"S": token.id}},
                UpdateExpression="SET lastUsedAt = :today",
                # Not `if absent`: that would bring a revoked token's row back.
                ConditionExpression=_KEPT_AND_NOT_YET_TODAY,
                ExpressionAttributeValues={":today": {"S": now.date().isoformat()}},
            )
        except (ClientError, BotoCoreError) as error:
            if not (isinstance(error, ClientError) and condition_failed(error)):
                logger.warning("the use of an API token is not written down", exc_info=error)

    def revoke(self, token_id: str, user_id: str) -> bool:
        """Forget a token; return False if the user has no such token."""
        strike: Any = {
            **self._of_user(user_id),
            "UpdateExpression": "DELETE apiTokens :ids",
            "ExpressionAttributeValues": {":ids": {"SS": [token_id]}},
        }
        delete: Any = self._delete_request(token_id, user_id)
        with _false_if_refused(by=0) as answer:
            self._dynamodb.transact_write_items(TransactItems=[{"Delete": delete}, {"Update": strike}])
        return answer.done

    def revoke_all(self, user_id: str) -> None:
        """Forget every token of a user; the set itself goes with the rest of the user's row."""
        for token_id in sorted(_ids_in(self._user(user_id))):
            self._delete(token_id, user_id)

    def disable_all(self, user_id: str, at: str) -> None:
        """Let every token of a user find nobody; the user is marked before, so none is added meanwhile."""
        for token_id in sorted(_ids_in(self._user(user_id))):
            self._change(token_id, user_id, _DISABLE, {":at": {"S": at}})

    def enable_all(self, user_id: str) -> None:
        """Let the user's tokens work again."""
        for token_id in sorted(_ids_in(self._user(user_id))):
            self._change(token_id, user_id, "REMOVE disabledAt", {})

    def _change(self, token_id: str, user_id: str, update: str, values: Mapping[str, Any]) -> None:
        """Change a token that is there: one that was revoked must not come back."""
        with unavailable_if_passing():
            try:
                self._dynamodb.update_item(
                    TableName=self._tokens,
                    Key={"id": {"S": token_id}},
                    UpdateExpression=update,
                    ConditionExpression="userId = :user",
                    ExpressionAttributeValues={**values, ":user": {"S": user_id}},
                )
            except ClientError as error:
                if not condition_failed(error):
                    raise

    def _delete(self, token_id: str, user_id: str) -> None:
        with unavailable_if_passing():
            try:
                self._dynamodb.delete_item(**self._delete_request(token_id, user_id))
            except ClientError as error:
                if not condition_failed(error):  # else it is gone
                    raise

    def _delete_request(self, token_id: str, user_id: str) -> dict[str, Any]:
        return {
            "TableName": self._tokens,
            "Key": {"id": {"S": token_id}},
            "ConditionExpression": "userId = :user",
            "ExpressionAttributeValues": {":user": {"S": user_id}},
        }

    def _of_user(self, user_id: str) -> dict[str, Any]:
        return {"TableName": self._users, "Key": {"userId": {"S": user_id}}}

    def _user(self, user_id: str) -> Mapping[str, Any]:
        with unavailable_if_passing():
            answer = self._dynamodb.get_item(
                **self._of_user(user_id),
                ConsistentRead=True,
                ProjectionExpression=_OF_OWNER,
            )
        return answer.get("Item", {})

    def _ids(self, user_id: str) -> frozenset[str]:
        user = self._user(user_id)
        if "erasedAt" in user:
            raise GoneError("this account was deleted")
        if "disabledAt" in user:
            raise ForbiddenError("this account is disabled")
        return _ids_in(user)

    def _read(self, ids: frozenset[str]) -> Sequence[ApiToken]:
        if not ids:
            return []
        keys = [{"id": {"S": token_id}} for token_id in sorted(ids)]
        request: Any = {
            "Keys": keys,
            "ConsistentRead": True,
            "ProjectionExpression": _SHOWN,
            "ExpressionAttributeNames": _NAME,
        }
        with unavailable_if_passing():
            answer = self._dynamodb.batch_get_item(RequestItems={self._tokens: request})
        if answer.get("UnprocessedKeys"):
            raise UnavailableError("the table is busy", retry_after=1)
        return [_token(item) for item in answer["Responses"].get(self._tokens, [])]


class _Answer:
    done = True


@contextmanager
def _false_if_refused(*, by: int) -> Iterator[_Answer]:
    """Tell a transaction that the condition of one of its items refused; others fail as they do."""
    answer = _Answer()
    with unavailable_if_passing():
        try:
            yield answer
        except ClientError as error:
            reasons = cancellation_codes(error)
            if len(reasons) <= by or reasons[by] != "ConditionalCheckFailed":
                raise
            answer.done = False


def _ids_in(user: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(user.get("apiTokens", {}).get("SS", []))


def _item(kept: KeptToken) -> dict[str, Any]:
    token = kept.token
    item = {
        "id": {"S": token.id},
        "userId": {"S": token.user_id},
        "name": {"S": token.name},
        "scopes": {"S": " ".join(token.scopes)},
        "createdAt": {"S": to_iso(token.created_at)},
        "digest": {"S": kept.digest},
    }
    if token.expires_at:
        item["expiresAt"] = {"S": to_iso(token.expires_at)}
        item["ttl"] = {"N": str(ceil(token.expires_at.timestamp()))}
    return item


def _token(item: Mapping[str, Any]) -> ApiToken:
    expires_at, last_used = item.get("expiresAt"), item.get("lastUsedAt")
    return ApiToken(
        id=item["id"]["S"],
        user_id=item["userId"]["S"],
        name=item["name"]["S"],
        scopes=tuple(item["scopes"]["S"].split()),
        created_at=from_iso(item["createdAt"]["S"]),
        expires_at=from_iso(expires_at["S"]) if expires_at else None,
        last_used_on=date.fromisoformat(last_used["S"]) if last_used else None,
    )
