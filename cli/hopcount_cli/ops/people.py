"""Find people in the user pool, and say how much is theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hopcount_cli.errors import CommandError, UsageError
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.tools import Tools

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb.client import DynamoDBClient

_INDEX = "UserHistoryIndex"
_DELETED = "deleted#"


@dataclass(frozen=True)
class Person:
    """Somebody with an account, or what is left of one.

    Parameters
    ----------
    id
        The Cognito `sub`.
    email
        Their address, if anybody knows it.
    in_pool
        Whether they are in the user pool: not, if their deletion broke off.
    enabled
        Whether they may sign in.
    disabled_at
        Since when their row says that they are disabled.
    """

    id: str
    email: str | None
    in_pool: bool
    enabled: bool
    disabled_at: str | None


@dataclass(frozen=True)
class Belongings:
    """How many links somebody has, and how many clicks those got that they ever had."""

    live: int
    trashed: int
    clicks: int


class People:
    """The users of a deployment.

    Parameters
    ----------
    tools
        AWS.
    deployment
        Which deployment.
    """

    def __init__(self, tools: Tools, deployment: Deployment) -> None:
        self._dynamodb: DynamoDBClient = tools.client("dynamodb")
        self._cognito: CognitoIdentityProviderClient = tools.client("cognito-idp")
        self._pool = deployment["platform/user-pool-id"]
        self._users = deployment["users/table-name"]
        self._links = deployment["links/table-name"]

    def find(self, who: str) -> Person:
        """Find somebody by their address or id.

        Raises
        ------
        CommandError
            If there is nobody, or more than one.
        """
        if not who or '"' in who or "\\" in who or not who.isprintable():
            raise UsageError(f"{who!r} is neither an address nor the id of a user")
        attribute = "email" if "@" in who else "sub"
        answer = self._cognito.list_users(UserPoolId=self._pool, Filter=f'{attribute} = "{who}"')
        found: list[Any] = list(answer["Users"])
        if len(found) > 1:
            ids = ", ".join(_attributes(user)["sub"] for user in found)
            raise CommandError(f"{who} is more than one user: name one of them by id: {ids}")
        if found:
            attributes = _attributes(found[0])
            row = self._row(attributes["sub"])
            enabled = bool(found[0]["Enabled"])
            return _person(attributes["sub"], attributes.get("email"), row, in_pool=True, enabled=enabled)
        row = {} if "@" in who else self._row(who)
        if not row:
            raise CommandError(f"there is no user {who!r}")
        return _person(who, row.get("email", {}).get("S"), row, in_pool=False, enabled=False)

    def belongings(self, person: Person) -> Belongings:
        """Say how much is somebody's."""
        clicks = int(self._row(person.id).get("totalClicks", {}).get("N", 0))
        return Belongings(self._count(person.id), self._count(_DELETED + person.id), clicks)

    def _row(self, user_id: str) -> Mapping[str, Any]:
        answer = self._dynamodb.get_item(
            TableName=self._users, Key={"userId": {"S": user_id}}, ConsistentRead=True
        )
        return answer.get("Item", {})

    def _count(self, owner: str) -> int:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._links,
            IndexName=_INDEX,
            KeyConditionExpression="userId = :owner",
            ExpressionAttributeValues={":owner": {"S": owner}},
            Select="COUNT",
        )
        return sum(page["Count"] for page in pages)


def _attributes(user: Mapping[str, Any]) -> dict[str, str]:
    return {attribute["Name"]: attribute["Value"] for attribute in user["Attributes"]}


def _person(
    user_id: str, email: str | None, row: Mapping[str, Any], *, in_pool: bool, enabled: bool
) -> Person:
    return Person(user_id, email, in_pool, enabled, row.get("disabledAt", {}).get("S"))
