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


def analytics(stack: Stack, function: str, service: str = "dynamodb") -> Any:
    return under_role_of(stack, f"hopcount-analytics-{STAGE}-{function}", service)


def permitted(call: Callable[[], Any]) -> None:
    """Try a right with a condition that cannot hold, so that nothing is changed."""
    with pytest.raises(ClientError) as caught:
        call()
    codes = {"ConditionalCheckFailedException", "TransactionCanceledException"}
    assert caught.value.response["Error"]["Code"] in codes


READABLE = (
    "id, originalUrl, userId, expiresAt, deletedAt, redirectStatus, maxAge, passQuery, "
    "disabledAt, disabledReason, erasedAt"
)


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


def test_what_strangers_tell_is_published_as_usage_alone(stack: Stack) -> None:
    events = under_role_of(stack, f"hopcount-web-{STAGE}-collect-events", "events")
    for source, kind in (
        ("hopcount.web", "LinkClicked.v1"),
        ("hopcount.web", "AppUsed.v2"),
        ("hopcount.redirect", "AppUsed.v1"),
        ("hopcount.users", "UserDeleted.v1"),
    ):
        entry = {
            "EventBusName": stack.outputs["eventBusName"],
            "Source": source,
            "DetailType": kind,
            "Detail": "{}",
        }
        denied(lambda entry=entry: events.put_events(Entries=[entry]))


def test_what_counts_usage_reads_its_queue_alone(stack: Stack) -> None:
    function = f"hopcount-web-{STAGE}-count-usage"
    sqs = under_role_of(stack, function, "sqs")
    denied(lambda: sqs.receive_message(QueueUrl=stack.outputs["clickQueueUrl"]))
    denied(lambda: sqs.send_message(QueueUrl=stack.outputs["clickQueueUrl"], MessageBody="{}"))
    events = under_role_of(stack, function, "events")
    entry = {"Source": "hopcount.web", "DetailType": "AppUsed.v1", "Detail": "{}"}
    denied(lambda: events.put_events(Entries=[{"EventBusName": stack.outputs["eventBusName"], **entry}]))


def update(stack: Stack, table: str, key: dict[str, Any], expression: str, **values: Any) -> dict[str, Any]:
    return {
        "TableName": stack.table(table),
        "Key": key,
        "UpdateExpression": expression,
        "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
    }


NEVER = {"ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(pk)"}


def ledger_update(stack: Stack, partition: str, sort: str) -> dict[str, Any]:
    key = {"pk": {"S": partition}, "sk": {"S": sort}}
    return {**update(stack, "ClickLedger", key, "SET x = :x", x={"N": "1"}), **NEVER}


def ledger_put(stack: Stack, partition: str, sort: str) -> dict[str, Any]:
    item = {"pk": {"S": partition}, "sk": {"S": sort}}
    return {"TableName": stack.table("ClickLedger"), "Item": item, **NEVER}


def test_a_consumer_claims_and_journals(stack: Stack) -> None:
    dynamodb = analytics(stack, "consume-clicks")
    claim, entry = ledger_update(stack, "claim#nobody#0", "claim"), ledger_put(stack, "journal#0#0", "x")
    permitted(lambda: dynamodb.transact_write_items(TransactItems=[{"Update": claim}, {"Put": entry}]))
    # It says what is to be counted, not how far counting has come, and takes nothing back.
    for partition in ("heads", "epochs#0#x", "journal#0#0"):
        refused = ledger_update(stack, partition, "0")
        denied(lambda request=refused: dynamodb.update_item(**request))
        denied(lambda request=refused: dynamodb.transact_write_items(TransactItems=[{"Update": request}]))
    for partition in ("heads", "epochs#0#x", "claim#nobody#0"):
        denied(lambda name=partition: dynamodb.put_item(**ledger_put(stack, name, "0")))
    ledger, key = stack.table("ClickLedger"), {"pk": {"S": "heads"}, "sk": {"S": "0"}}
    denied(lambda: dynamodb.get_item(TableName=ledger, Key=key))
    denied(lambda: dynamodb.delete_item(TableName=ledger, Key=key))
    denied(lambda: dynamodb.scan(TableName=ledger))


def test_a_consumer_touches_no_counter(stack: Stack, creator: Creator, code: str) -> None:
    dynamodb = analytics(stack, "consume-clicks")
    user = {"userId": {"S": creator.me()["userId"]}}
    day = {"shortCode": {"S": code}, "date": {"S": "2026-01-01"}}
    for request in (
        update(stack, "UrlShortener", {"id": {"S": code}}, "ADD clicks :n", n={"N": "0"}),
        update(stack, "User", user, "ADD totalClicks :n", n={"N": "0"}),
        update(stack, "DailyStats", day, "ADD clicks :n", n={"N": "0"}),
    ):
        denied(lambda request=request: dynamodb.update_item(**request))
        denied(lambda request=request: dynamodb.transact_write_items(TransactItems=[{"Update": request}]))
    denied(lambda: dynamodb.get_item(TableName=stack.table("UrlShortener"), Key={"id": {"S": code}}))


def test_a_consumer_wakes_the_folder_and_cannot_make_up_clicks(stack: Stack) -> None:
    sqs = analytics(stack, "consume-clicks", "sqs")
    function = f"hopcount-analytics-{STAGE}-consume-clicks"
    settings = stack.client("lambda").get_function_configuration(FunctionName=function)
    sqs.send_message(QueueUrl=settings["Environment"]["Variables"]["FOLD_QUEUE_URL"], MessageBody="{}")
    denied(lambda: sqs.send_message(QueueUrl=stack.outputs["clickQueueUrl"], MessageBody="{}"))


def test_a_folder_keeps_heads_and_epochs_and_no_claims(stack: Stack) -> None:
    dynamodb, ledger = analytics(stack, "fold-counts"), stack.table("ClickLedger")
    epoch, head = ledger_put(stack, "epochs#0#x", "0"), ledger_update(stack, "heads", "x")
    permitted(lambda: dynamodb.transact_write_items(TransactItems=[{"Put": epoch}, {"Update": head}]))
    # Nothing is claimed or released, and nothing that was proved is changed or deleted.
    denied(lambda: dynamodb.update_item(**ledger_update(stack, "claim#nobody#0", "claim")))
    denied(lambda: dynamodb.update_item(**ledger_update(stack, "epochs#0#x", "0")))
    denied(lambda: dynamodb.put_item(**ledger_put(stack, "claim#nobody#0", "claim")))
    for partition in ("claim#nobody#0", "epochs#0#x", "heads"):
        delete = {"DeleteRequest": {"Key": {"pk": {"S": partition}, "sk": {"S": "0"}}}}
        denied(lambda request=delete: dynamodb.batch_write_item(RequestItems={ledger: [request]}))
    denied(lambda: dynamodb.scan(TableName=ledger))


def test_a_folder_counts(stack: Stack, creator: Creator, code: str) -> None:
    dynamodb = analytics(stack, "fold-counts")
    # A zero is added and a mark that is not there removed: the right is tried, nothing is changed.
    expression = "ADD clicks :n REMOVE epoch_check"
    dynamodb.update_item(**update(stack, "UrlShortener", {"id": {"S": code}}, expression, n={"N": "0"}))
    user = {"userId": {"S": creator.me()["userId"]}}
    expression = "ADD totalClicks :n REMOVE epoch_check"
    dynamodb.update_item(**update(stack, "User", user, expression, n={"N": "0"}))


def test_a_folder_cannot_set_where_a_link_leads(stack: Stack, creator: Creator, code: str) -> None:
    dynamodb, key = analytics(stack, "fold-counts"), {"id": {"S": code}}
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


def test_a_folder_cannot_read_where_a_link_leads(stack: Stack, code: str) -> None:
    dynamodb, key = analytics(stack, "fold-counts"), {"id": {"S": code}}
    table = stack.table("UrlShortener")
    counting = update(stack, "UrlShortener", key, "ADD clicks :n", n={"N": "0"})
    for wanted in ("ALL_OLD", "ALL_NEW", "UPDATED_NEW"):
        denied(lambda values=wanted: dynamodb.update_item(**counting, ReturnValues=values))
    guess = {"ConditionExpression": "begins_with(originalUrl, :u)"}
    guessing = update(stack, "UrlShortener", key, "ADD clicks :n", n={"N": "0"}, u={"S": "https://"})
    denied(lambda: dynamodb.update_item(**guessing, **guess))
    denied(lambda: dynamodb.get_item(TableName=table, Key=key, ProjectionExpression="clicks"))
    denied(lambda: dynamodb.batch_get_item(RequestItems={table: {"Keys": [key]}}))
    denied(lambda: dynamodb.scan(TableName=table))


def test_a_folder_cannot_touch_a_user_beyond_their_total(stack: Stack, creator: Creator) -> None:
    dynamodb, key = analytics(stack, "fold-counts"), {"userId": {"S": creator.me()["userId"]}}
    denied(
        lambda: dynamodb.update_item(**update(stack, "User", key, "SET email = :e", e={"S": "x@example.com"}))
    )
    denied(lambda: dynamodb.update_item(**update(stack, "User", key, "ADD totalLinks :n", n={"N": "1"})))
    assert creator.me()["email"] == creator.email


REPORTED = "id, userId, clicks, botClicks, deletedAt, erasedAt"


def test_link_statistics_are_read_without_where_a_link_leads(stack: Stack, code: str) -> None:
    dynamodb, key = analytics(stack, "get-link-stats"), {"id": {"S": code}}
    table = stack.table("UrlShortener")
    answer = dynamodb.get_item(TableName=table, Key=key, ProjectionExpression=REPORTED)
    assert answer["Item"]["clicks"] == {"N": "0"}
    denied(lambda: dynamodb.get_item(TableName=table, Key=key))
    denied(lambda: dynamodb.get_item(TableName=table, Key=key, ProjectionExpression="id, originalUrl"))
    denied(lambda: dynamodb.scan(TableName=stack.table("DailyStats")))


def test_account_statistics_are_read_without_where_links_lead(
    stack: Stack, creator: Creator, code: str
) -> None:
    dynamodb, table = analytics(stack, "get-account-stats"), stack.table("UrlShortener")

    def read(**projection: str) -> Any:
        return dynamodb.batch_get_item(RequestItems={table: {"Keys": [{"id": {"S": code}}], **projection}})

    (item,) = read(ProjectionExpression=REPORTED)["Responses"][table]
    assert item["clicks"] == {"N": "0"}
    denied(read)
    denied(lambda: read(ProjectionExpression="id, originalUrl"))

    def list_links(**where: str) -> Any:
        return dynamodb.query(
            TableName=table,
            KeyConditionExpression="userId = :user",
            ExpressionAttributeValues={":user": {"S": creator.me()["userId"]}},
            **where,
        )

    found = list_links(IndexName="UserHistoryIndex", ProjectionExpression="id")["Items"]
    assert {"id": {"S": code}} in found
    denied(lambda: list_links(IndexName="UserHistoryIndex"))
    denied(lambda: list_links(ProjectionExpression="id"))
    denied(lambda: dynamodb.scan(TableName=table, ProjectionExpression="id"))


@pytest.mark.parametrize("function", ["get-link-stats", "get-account-stats"])
def test_statistics_are_never_changed_by_reading(stack: Stack, code: str, function: str) -> None:
    dynamodb = analytics(stack, function)
    day = {"shortCode": {"S": code}, "date": {"S": "2026-01-01"}}
    for request in (
        update(stack, "UrlShortener", {"id": {"S": code}}, "ADD clicks :n", n={"N": "0"}),
        update(stack, "DailyStats", day, "ADD clicks :n", n={"N": "0"}),
    ):
        denied(lambda request=request: dynamodb.update_item(**request))
    denied(lambda: dynamodb.scan(TableName=stack.table("ClickLedger")))
