"""What each function may do, tried under its own role against the local AWS's IAM."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.people import Creator
from tests.support.stack import STAGE, Stack


@pytest.fixture
def code(creator: Creator) -> str:
    return str(creator.create("https://example.com/kept")["id"])


def under_role_of(stack: Stack, function: str, service: str) -> Any:
    """Make a client with the rights of a function, and no others."""
    role = stack.client("lambda").get_function_configuration(FunctionName=function)["Role"]
    keys = stack.client("sts").assume_role(RoleArn=role, RoleSessionName="e2e")["Credentials"]
    return stack.client(
        service,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def denied(call: Callable[[], Any]) -> None:
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] in {"AccessDeniedException", "AccessDenied"}


def redirect(stack: Stack, service: str) -> Any:
    return under_role_of(stack, f"hopcount-redirect-{STAGE}-redirect", service)


def consumer(stack: Stack, service: str) -> Any:
    return under_role_of(stack, f"hopcount-analytics-{STAGE}-consume-clicks", service)


READABLE = "id, originalUrl, userId, expiresAt, deletedAt, redirectStatus, maxAge"


def test_redirect_reads_a_link(stack: Stack, code: str) -> None:
    answer = redirect(stack, "dynamodb").get_item(
        TableName=stack.table("UrlShortener"), Key={"id": {"S": code}}, ProjectionExpression=READABLE
    )
    assert answer["Item"]["originalUrl"] == {"S": "https://example.com/kept"}


def test_redirect_writes_nowhere(stack: Stack, creator: Creator, code: str) -> None:
    dynamodb, key = redirect(stack, "dynamodb"), {"id": {"S": code}}
    table = stack.table("UrlShortener")
    update = {
        "TableName": table,
        "Key": key,
        "UpdateExpression": "SET originalUrl = :u",
        "ExpressionAttributeValues": {":u": {"S": "https://example.net/"}},
    }
    denied(lambda: dynamodb.put_item(TableName=table, Item={**key, "originalUrl": {"S": "x"}}))
    denied(lambda: dynamodb.update_item(**update))
    denied(lambda: dynamodb.delete_item(TableName=table, Key=key))
    denied(lambda: dynamodb.transact_write_items(TransactItems=[{"Update": update}]))
    denied(lambda: dynamodb.scan(TableName=table))
    for other in ("User", "DailyStats", "ClickLedger"):
        denied(lambda name=other: dynamodb.scan(TableName=stack.table(name)))
    assert creator.link(code)["originalUrl"] == "https://example.com/kept"


def test_redirect_publishes_under_its_own_name_alone(stack: Stack) -> None:
    events = redirect(stack, "events")

    def entry(source: str) -> dict[str, str]:
        # Nobody reads this kind of event: publishing it for the test changes nothing.
        return {
            "EventBusName": stack.outputs["eventBusName"],
            "Source": source,
            "DetailType": "PolicyChecked.v1",
            "Detail": json.dumps({}),
        }

    assert events.put_events(Entries=[entry("hopcount.redirect")])["FailedEntryCount"] == 0
    denied(lambda: events.put_events(Entries=[entry("hopcount.links")]))
    denied(lambda: events.put_events(Entries=[entry("hopcount.redirect"), entry("hopcount.users")]))


def update(stack: Stack, table: str, key: dict[str, Any], expression: str, **values: Any) -> dict[str, Any]:
    return {
        "TableName": stack.table(table),
        "Key": key,
        "UpdateExpression": expression,
        "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
    }


def test_analytics_counts(stack: Stack, creator: Creator, code: str) -> None:
    dynamodb = consumer(stack, "dynamodb")
    # A zero is added: the right is tried, the count is not changed.
    dynamodb.update_item(**update(stack, "UrlShortener", {"id": {"S": code}}, "ADD clicks :n", n={"N": "0"}))
    user = {"userId": {"S": creator.me()["userId"]}}
    dynamodb.update_item(**update(stack, "User", user, "ADD totalClicks :n", n={"N": "0"}))


def test_analytics_cannot_set_where_a_link_leads(stack: Stack, creator: Creator, code: str) -> None:
    dynamodb, key = consumer(stack, "dynamodb"), {"id": {"S": code}}
    evil = {"S": "https://example.net/"}
    sneaky = update(stack, "UrlShortener", key, "SET originalUrl = :u ADD clicks :n", u=evil, n={"N": "0"})
    renamed = {
        **update(stack, "UrlShortener", key, "SET #x = :u", u=evil),
        "ExpressionAttributeNames": {"#x": "originalUrl"},
    }
    for attempt in (update(stack, "UrlShortener", key, "SET originalUrl = :u", u=evil), sneaky, renamed):
        denied(lambda request=attempt: dynamodb.update_item(**request))
        denied(lambda request=attempt: dynamodb.transact_write_items(TransactItems=[{"Update": request}]))
    denied(
        lambda: dynamodb.put_item(TableName=stack.table("UrlShortener"), Item={**key, "clicks": {"N": "1"}})
    )
    denied(lambda: dynamodb.delete_item(TableName=stack.table("UrlShortener"), Key=key))
    denied(
        lambda: dynamodb.update_item(**update(stack, "UrlShortener", key, "SET userId = :u", u={"S": "me"}))
    )
    assert creator.link(code)["originalUrl"] == "https://example.com/kept"


def test_analytics_cannot_touch_a_user_beyond_their_total(stack: Stack, creator: Creator) -> None:
    dynamodb, key = consumer(stack, "dynamodb"), {"userId": {"S": creator.me()["userId"]}}
    denied(
        lambda: dynamodb.update_item(**update(stack, "User", key, "SET email = :e", e={"S": "x@example.com"}))
    )
    denied(lambda: dynamodb.update_item(**update(stack, "User", key, "ADD totalLinks :n", n={"N": "1"})))
    assert creator.me()["email"] == creator.email
