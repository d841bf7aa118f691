"""A policy on attributes and keys holds for updates, puts and transactions."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.emulator import ACCOUNT, REGION, Emulator

KEY = {"id": {"S": "abc"}}
COUNT = {"UpdateExpression": "ADD #c :one SET mark = :one", "ConditionExpression": "attribute_exists(id)"}
STEAL = {"UpdateExpression": "SET originalUrl = :one"}
NESTED = {"UpdateExpression": "SET #c = :one", "ConditionExpression": "size(stats.total) > :one"}


def rights(table: str) -> dict[str, Any]:
    return {
        "Action": ["dynamodb:UpdateItem", "dynamodb:PutItem"],
        "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}",
        "Condition": {
            "ForAllValues:StringEquals": {"dynamodb:Attributes": ["id", "clicks", "mark"]},
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["a*"]},
            "StringEqualsIfExists": {"dynamodb:ReturnValues": ["NONE"]},
            "Null": {"dynamodb:Attributes": "false"},
        },
    }


def denied(call: Callable[..., Any], **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return True
    return False


def update(table: str, changes: dict[str, str], key: dict[str, Any] | None = None) -> dict[str, Any]:
    names = {"ExpressionAttributeNames": {"#c": "clicks"}} if "#c" in str(changes) else {}
    values = {":one": {"N": "1"}}
    return {"TableName": table, "Key": key or KEY, "ExpressionAttributeValues": values, **names, **changes}


def holds(aws: Emulator) -> None:
    table = aws.table()
    aws.client("dynamodb").put_item(TableName=table, Item=KEY)
    dynamodb = aws.client("dynamodb", aws.session(aws.role(rights(table))))
    assert not denied(dynamodb.update_item, **update(table, COUNT))
    assert denied(dynamodb.update_item, **update(table, STEAL))
    assert denied(dynamodb.update_item, **update(table, NESTED))
    assert denied(dynamodb.update_item, **update(table, COUNT, {"id": {"S": "other"}}))
    assert denied(dynamodb.update_item, **update(table, {**COUNT, "ReturnValues": "ALL_NEW"}))
    assert denied(dynamodb.put_item, TableName=table, Item={**KEY, "originalUrl": {"S": "x"}})

    counting, stealing = ({"Update": update(table, changes)} for changes in (COUNT, STEAL))
    assert not denied(dynamodb.transact_write_items, TransactItems=[counting])
    other = {"Put": {"TableName": table, "Item": {"id": {"S": "axe"}, "clicks": {"N": "1"}}}}
    assert not denied(dynamodb.transact_write_items, TransactItems=[other, counting])
    assert denied(dynamodb.transact_write_items, TransactItems=[other, stealing])
