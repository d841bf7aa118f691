"""Deleting an account: nobody can sign in, nothing opens with its tokens, and nothing about it comes back."""

import json
from typing import Any

import pytest

from tests.e2e.test_roles import denied, under_role_of
from tests.support.people import Cognito, Creator, new_email, new_password, ok, open_http, problem, sign_in
from tests.support.poll import until
from tests.support.stack import STAGE, Stack


class Leaver(Creator):
    """Somebody who is about to leave, and how they would come back."""

    cognito: Cognito
    password: str

    @classmethod
    def sign_up(cls, stack: Stack) -> "Leaver":
        cognito, email, password = Cognito(stack), new_email(), new_password()
        cognito.sign_up(email, password).raise_for_status()
        cognito.confirm(email, cognito.mailed_code(email)).raise_for_status()
        leaver = cls(stack, sign_in(cognito, email, password), email)
        leaver.cognito, leaver.password = cognito, password
        return leaver


def row(stack: Stack, user_id: str) -> dict[str, Any]:
    return stack.item("User", userId=user_id) or {}


def link_event(user_id: str, event_id: str) -> dict[str, Any]:
    moment = "2026-11-22T15:26:58.123456Z"
    return {
        "id": event_id,
        "type": "LinkCreated",
        "version": 1,
        "source": "hopcount.links",
        "time": moment,
        "correlationId": None,
        "data": {
            "shortCode": event_id.partition(":")[0],
            "userId": user_id,
            "originalUrl": "https://example.com/",
            "occurredAt": moment,
        },
    }


def test_an_account_is_deleted_with_all_that_belongs_to_it(stack: Stack) -> None:
    leaver = Leaver.sign_up(stack)
    user_id = leaver.me()["userId"]
    code = leaver.create("https://example.com/mine")["id"]
    until(leaver.me, lambda me: me["totalLinks"] == 1)
    body = {"name": "e2e", "scopes": ["links:read"]}
    token = ok(leaver.http.post("/users/me/tokens", json=body), 201)
    machine = open_http(stack.base_url, {"X-Api-Key": token["token"]})
    assert code in [link["id"] for link in ok(machine.get("/v1/urls"))["items"]]

    assert leaver.http.delete("/users/me").status_code == 204

    assert stack.item("ApiToken", id=token["id"]) is None
    until(lambda: machine.get("/v1/urls").status_code, lambda status: status == 403, seconds=60)
    assert leaver.cognito.sign_in(leaver.email, leaver.password).status_code == 400
    refreshed = leaver.cognito.call(
        "InitiateAuth",
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": leaver.tokens.refresh_token},
    )
    assert refreshed.status_code == 400
    cognito = stack.client("cognito-idp")
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_get_user(UserPoolId=stack.pool_id, Username=user_id)

    left = row(stack, user_id)
    assert {name for name in left if not name.startswith("epoch_")} == {"userId", "erasedAt"}
    # The access token is good until it expires, as with any JWT authorizer: it opens an empty house.
    me = leaver.me()
    assert (me["userId"], me["totalLinks"], me["totalClicks"], me["createdAt"]) == (user_id, 0, 0, None)
    problem(leaver.http.post("/users/me/tokens", json=body), 410, "gone")
    problem(leaver.http.get("/users/me/tokens"), 410, "gone")
    assert leaver.http.delete("/users/me").status_code == 204, "asking again completes what may be left"
    assert row(stack, user_id)["erasedAt"] == left["erasedAt"]


def test_what_others_count_later_brings_no_row_back(stack: Stack) -> None:
    leaver = Leaver.sign_up(stack)
    user_id = leaver.me()["userId"]
    assert leaver.http.delete("/users/me").status_code == 204
    # What the links service said just before, and a marker behind it that shows when it was handled.
    witness = Creator.sign_up(stack)
    events = [link_event(user_id, f"{user_id[:8]}:1")]
    events += [link_event(witness.me()["userId"], f"{witness.me()['userId'][:8]}:{n}") for n in range(1, 4)]
    bus = stack.outputs["eventBusName"]
    entries = [
        {
            "EventBusName": bus,
            "Source": "hopcount.links",
            "DetailType": "LinkCreated.v1",
            "Detail": json.dumps(event),
        }
        for event in events
    ]
    assert stack.client("events").put_events(Entries=entries)["FailedEntryCount"] == 0
    until(witness.me, lambda me: me["totalLinks"] == 3)
    queue = stack.client("sqs").get_queue_url(QueueName=f"hopcount-{STAGE}-users-link-events")["QueueUrl"]
    until(lambda: waiting(stack, queue), lambda messages: messages == 0)
    assert {name for name in row(stack, user_id) if not name.startswith("epoch_")} == {"userId", "erasedAt"}


def waiting(stack: Stack, queue: str) -> int:
    kinds = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = stack.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=kinds)["Attributes"]
    return sum(int(found[kind]) for kind in kinds)


def test_whoever_deletes_accounts_does_nothing_else_to_people(stack: Stack, creator: Creator) -> None:
    function = f"hopcount-users-{STAGE}-delete-account"
    cognito = under_role_of(stack, function, "cognito-idp")
    person = {"UserPoolId": stack.pool_id, "Username": creator.me()["userId"]}
    denied(lambda: cognito.admin_get_user(**person))
    denied(lambda: cognito.list_users(UserPoolId=stack.pool_id))
    denied(lambda: cognito.admin_set_user_password(**person, Password=new_password(), Permanent=True))
    denied(lambda: cognito.admin_update_user_attributes(**person, UserAttributes=[]))
    dynamodb = under_role_of(stack, function, "dynamodb")
    key = {"userId": {"S": creator.me()["userId"]}}
    denied(lambda: dynamodb.delete_item(TableName=stack.table("User"), Key=key))
    denied(lambda: dynamodb.get_item(TableName=stack.table("User"), Key=key))
    assert creator.http.get("/users/me").status_code == 200


@pytest.mark.parametrize("function", ["create-token", "list-tokens", "delete-token"])
def test_whoever_manages_tokens_never_reads_a_digest(stack: Stack, function: str) -> None:
    dynamodb, table = under_role_of(stack, f"hopcount-users-{STAGE}-{function}", "dynamodb"), "ApiToken"
    keys = {"Keys": [{"id": {"S": "nosuchtoken0"}}]}
    for request in (keys, {**keys, "ProjectionExpression": "id, digest"}):
        denied(lambda r=request: dynamodb.batch_get_item(RequestItems={stack.table(table): r}))
    denied(lambda: dynamodb.scan(TableName=stack.table(table)))
    denied(lambda: dynamodb.get_item(TableName=stack.table(table), Key={"id": {"S": "nosuchtoken0"}}))


def test_the_authorizer_reads_tokens_and_nothing_about_people(stack: Stack, creator: Creator) -> None:
    dynamodb = under_role_of(stack, f"hopcount-users-{STAGE}-authorize-token", "dynamodb")
    key = {"id": {"S": "nosuchtoken0"}}
    assert "Item" not in dynamodb.get_item(TableName=stack.table("ApiToken"), Key=key)
    denied(
        lambda: dynamodb.get_item(
            TableName=stack.table("User"), Key={"userId": {"S": creator.me()["userId"]}}
        )
    )
    widen = {
        "TableName": stack.table("ApiToken"),
        "Key": key,
        "UpdateExpression": "SET scopes = :all",
        "ExpressionAttributeValues": {":all": {"S": "links:write"}},
    }
    denied(lambda: dynamodb.update_item(**widen))
    denied(lambda: dynamodb.put_item(TableName=stack.table("ApiToken"), Item=key))
