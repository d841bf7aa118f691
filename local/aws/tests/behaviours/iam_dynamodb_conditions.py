"""A policy on attributes and keys holds for updates, puts, transactions and batches."""

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
        "Action": [
            "dynamodb:UpdateItem",
            "dynamodb:PutItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:BatchGetItem",
        ],
        "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}",
        "Condition": {
            "ForAllValues:StringEquals": {"dynamodb:Attributes": ["id", "clicks", "mark"]},
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["a*"]},
            "StringEqualsIfExists": {
                "dynamodb:ReturnValues": ["NONE"],
                "dynamodb:Select": ["SPECIFIC_ATTRIBUTES"],
            },
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

    allowed, foreign = {"id": {"S": "also"}}, {"id": {"S": "other"}}

    def put(item: dict[str, Any]) -> dict[str, Any]:
        return {"RequestItems": {table: [{"PutRequest": {"Item": one}} for one in (allowed, item)]}}

    def delete(key: dict[str, Any]) -> dict[str, Any]:
        return {"RequestItems": {table: [{"DeleteRequest": {"Key": one}} for one in (allowed, key)]}}

    def get(key: dict[str, Any], *names: str) -> dict[str, Any]:
        projection = {"ProjectionExpression": ", ".join(names)} if names else {}
        return {"RequestItems": {table: {"Keys": [KEY, key], **projection}}}

    assert not denied(dynamodb.batch_write_item, **put(KEY))
    assert denied(dynamodb.batch_write_item, **put(foreign))
    assert denied(dynamodb.batch_write_item, **put({**KEY, "originalUrl": {"S": "x"}}))
    assert not denied(dynamodb.batch_write_item, **delete(KEY))
    assert denied(dynamodb.batch_write_item, **delete(foreign))
    assert not denied(dynamodb.batch_get_item, **get(allowed, "id", "clicks"))
    assert denied(dynamodb.batch_get_item, **get(allowed))
    assert denied(dynamodb.batch_get_item, **get(allowed, "id", "originalUrl"))
    assert denied(dynamodb.batch_get_item, **get(foreign, "id", "clicks"))
