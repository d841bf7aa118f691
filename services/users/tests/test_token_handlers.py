"""The functions around API tokens and accounts, wired as in Lambda, with events as AWS sends them."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError
from moto import mock_aws
from services.users.tests.support import (
    EMAIL,
    SUB,
    TOKEN_TABLE,
    USER_TABLE,
    Context,
    authorizer_event,
    create_tables,
    forget_wiring,
    http_event,
    said,
)

from hopcount_shared.settings import load_settings
from users import bootstrap
from users.domain.api_token import new_id, new_text
from users.handlers import authorize_token, create_token, delete_account, delete_token, list_tokens
from users.settings import DeleteAccountSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

CONTEXT = cast("LambdaContext", Context())
BUS = "hopcount-test"
CLAIMS = {"sub": SUB, "token_use": "access"}
OTHERS = {"sub": "somebody-else", "token_use": "access"}
BODY = {"name": "ci", "scopes": ["links:write", "links:read"]}


@pytest.fixture(autouse=True)
def fresh_sandbox() -> Iterator[None]:
    forget_wiring()
    yield
    forget_wiring()


@pytest.fixture(autouse=True)
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator["DynamoDBClient"]:
    monkeypatch.setenv("USER_TABLE_NAME", USER_TABLE)
    monkeypatch.setenv("TOKEN_TABLE_NAME", TOKEN_TABLE)
    monkeypatch.setenv("REMEMBER_TOKEN_SECONDS", "30")
    with mock_aws():
        yield create_tables()


def call(handler: Any, event: dict[str, Any]) -> tuple[int, Any]:
    answer = handler(event, CONTEXT)
    return answer["statusCode"], json.loads(answer["body"] or "null")


def create(claims: dict[str, str] | None = CLAIMS, **body: Any) -> tuple[int, Any]:
    event = http_event(claims, "POST /users/me/tokens", body={**BODY, **body})
    return call(create_token.handler, event)


def listed(claims: dict[str, str] | None = CLAIMS) -> tuple[int, Any]:
    return call(list_tokens.handler, http_event(claims, "GET /users/me/tokens"))


def delete(token_id: str, claims: dict[str, str] | None = CLAIMS) -> tuple[int, Any]:
    event = http_event(claims, "DELETE /users/me/tokens/{id}", id=token_id)
    return call(delete_token.handler, event)


def authorize(**headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = authorize_token.handler(authorizer_event(**headers), CONTEXT)
    return answer


class TestTokens:
    def test_a_token_is_made_and_shown_once(self) -> None:
        event = http_event(
            CLAIMS, "POST /users/me/tokens", body={**BODY, "expiresAt": "2030-01-31T12:00:00+01:00"}
        )
        answer = create_token.handler(event, CONTEXT)
        assert answer["statusCode"] == 201
        assert answer["headers"]["Cache-Control"] == "no-store"
        made = json.loads(answer["body"])
        text = made.pop("token")
        assert text.startswith(f"hc_{made['id']}_")
        assert made == {
            "id": made["id"],
            "name": "ci",
            "scopes": ["links:read", "links:write"],
            "createdAt": made["createdAt"],
            "expiresAt": "2030-01-31T11:00:00.000000Z",
            "lastUsedAt": None,
        }
        assert listed() == (200, {"items": [made]})

    def test_its_text_is_neither_kept_nor_logged(
        self,
        dynamodb: "DynamoDBClient",
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        text = create()[1]["token"]
        assert authorize(authorization=f"Bearer {text}")["isAuthorized"]
        assert not authorize(x_api_key=text + "x")["isAuthorized"]
        logged = said(caplog, capfd)
        assert "ApiTokenCreated" in logged
        assert "API token refused" in logged
        secret = text.rpartition("_")[2]
        assert secret not in logged
        for table in (TOKEN_TABLE, USER_TABLE):
            assert secret not in str(dynamodb.scan(TableName=table)["Items"])

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "   "}, "name"),
            ({"name": "x" * 65}, "name"),
            ({"name": "a\nb"}, "name"),
            ({"name": None}, "name"),
            ({"scopes": []}, "scopes"),
            ({"scopes": ["links:read", "links:read"]}, "scopes"),
            ({"scopes": ["links:admin"]}, "scopes.0"),
            ({"scopes": "links:read"}, "scopes"),
            ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
            ({"expiresAt": "2030-01-01T00:00:00"}, "expiresAt"),
            ({"expiresAt": 1893456000}, "expiresAt"),
            ({"userId": "somebody-else"}, "userId"),
        ],
    )
    def test_bad_input_makes_no_token(self, wrong: dict[str, Any], field: str) -> None:
        status, body = create(**wrong)
        assert (status, [error["field"] for error in body["errors"]]) == (422, [field])
        assert listed() == (200, {"items": []})

    def test_there_is_an_end_to_it(self) -> None:
        assert {create(name=str(n))[0] for n in range(25)} == {201}
        status, body = create()
        assert (status, body["type"]) == (409, "urn:hopcount:problem:conflict")
        assert len(listed()[1]["items"]) == 25

    def test_a_revoked_token_is_gone(self) -> None:
        token = create()[1]
        assert delete(token["id"], OTHERS)[0] == 404
        assert delete(token["id"]) == (204, None)
        assert delete(token["id"])[0] == 404
        assert listed() == (200, {"items": []})
        assert listed(OTHERS) == (200, {"items": []})

    @pytest.mark.parametrize("claims", [None, {"sub": SUB}, {"sub": SUB, "token_use": "refresh"}])
    def test_nobody_is_refused(self, claims: dict[str, str] | None) -> None:
        for status, body in (create(claims), listed(claims), delete(new_id(), claims)):
            assert (status, body["type"]) == (401, "urn:hopcount:problem:unauthenticated")

    def test_an_api_token_manages_neither_tokens_nor_the_account(self) -> None:
        machine = {"userId": SUB, "scopes": "links:read links:write stats:read", "tokenId": new_id()}
        for handler, route, more in (
            (create_token.handler, "POST /users/me/tokens", {"body": BODY}),
            (list_tokens.handler, "GET /users/me/tokens", {}),
            (delete_token.handler, "DELETE /users/me/tokens/{id}", {"id": new_id()}),
            (delete_account.handler, "DELETE /users/me", {}),
        ):
            status, body = call(handler, http_event(None, route, authorizer=machine, **more))
            assert (status, body["type"]) == (403, "urn:hopcount:problem:forbidden"), route


class TestAuthorizer:
    def test_says_whose_a_token_is_and_what_for(self) -> None:
        made = create()[1]
        expected = {
            "isAuthorized": True,
            "context": {"userId": SUB, "scopes": "links:read links:write", "tokenId": made["id"]},
        }
        text = made["token"]
        assert authorize(authorization=f"Bearer {text}") == expected
        assert authorize(x_api_key=text) == expected
        assert authorize(authorization=f"Bearer {text}", x_api_key=text) == expected
        assert listed()[1]["items"][0]["lastUsedAt"] == made["createdAt"][:10]

    def test_refuses_everything_else(self) -> None:
        made = create()[1]
        text, other = made["token"], create()[1]["token"]
        for headers in (
            {},
            {"authorization": text},
            {"authorization": "Bearer eyJhbGciOiJub25lIn0.e30."},
            {"authorization": f"Bearer {new_text(made['id'])}"},
            {"authorization": f"Bearer {new_text(new_id())}"},
            {"authorization": f"Bearer {text},Bearer {text}"},
            {"authorization": f"Bearer {text}", "x_api_key": other},
        ):
            assert authorize(**headers) == {"isAuthorized": False}

    def test_remembers_a_token_for_less_than_a_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REMEMBER_TOKEN_SECONDS", "60")
        with pytest.raises(Exception, match="REMEMBER_TOKEN_SECONDS"):
            authorize(x_api_key=new_text(new_id()))

    def test_lets_nobody_in_while_the_table_fails(self, dynamodb: "DynamoDBClient") -> None:
        text = create()[1]["token"]
        dynamodb.delete_table(TableName=TOKEN_TABLE)
        with pytest.raises(ClientError):
            authorize(x_api_key=text)


class TestDeleteAccount:
    @pytest.fixture
    def pool_id(self, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("EVENT_BUS_NAME", BUS)
        events = boto3.client("events")
        arn = events.create_event_bus(Name=BUS)["EventBusArn"]
        pattern = json.dumps({"source": ["hopcount.users"], "detail-type": ["UserDeleted.v1"]})
        events.create_archive(ArchiveName="deleted", EventSourceArn=arn, EventPattern=pattern)
        cognito = boto3.client("cognito-idp")
        pool_id = cognito.create_user_pool(PoolName="test", UsernameAttributes=["email"])["UserPool"]["Id"]
        monkeypatch.setenv("USER_POOL_ID", pool_id)
        return str(pool_id)

    def sign_up(self, pool_id: str) -> str:
        user = boto3.client("cognito-idp").admin_create_user(UserPoolId=pool_id, Username=EMAIL)["User"]
        (sub,) = [a["Value"] for a in user["Attributes"] if a["Name"] == "sub"]
        return sub

    def published(self) -> int:
        return int(boto3.client("events").describe_archive(ArchiveName="deleted")["EventCount"])

    def delete(self, sub: str) -> tuple[int, Any]:
        return call(delete_account.handler, http_event({**CLAIMS, "sub": sub}, "DELETE /users/me"))

    def test_leaves_a_mark_and_nothing_else(self, dynamodb: "DynamoDBClient", pool_id: str) -> None:
        sub = self.sign_up(pool_id)
        create({**CLAIMS, "sub": sub})
        assert self.delete(sub) == (204, None)
        (row,) = dynamodb.scan(TableName=USER_TABLE)["Items"]
        assert set(row) == {"userId", "erasedAt"}
        assert dynamodb.scan(TableName=TOKEN_TABLE)["Items"] == []
        assert boto3.client("cognito-idp").list_users(UserPoolId=pool_id)["Users"] == []
        assert self.published() == 1
        assert create({**CLAIMS, "sub": sub})[0] == 410
        assert self.delete(sub) == (204, None)
        assert self.published() == 2

    def test_a_failure_is_told_and_counted(
        self, pool_id: str, dynamodb: "DynamoDBClient", capfd: pytest.CaptureFixture[str]
    ) -> None:
        sub = self.sign_up(pool_id)
        dynamodb.delete_table(TableName=USER_TABLE)
        assert self.delete(sub)[0] == 500
        assert "AccountDeletionFailed" in capfd.readouterr().out
        assert len(boto3.client("cognito-idp").list_users(UserPoolId=pool_id)["Users"]) == 1

    def test_an_operator_deletes_with_clients_of_their_own(
        self, dynamodb: "DynamoDBClient", pool_id: str
    ) -> None:
        sub = self.sign_up(pool_id)
        settings = load_settings(DeleteAccountSettings)
        clients: Any = (dynamodb, boto3.client("cognito-idp"), boto3.client("events"))
        bootstrap.account_deletion_with(*clients, settings).delete(sub)
        assert boto3.client("cognito-idp").list_users(UserPoolId=pool_id)["Users"] == []
        assert self.published() == 1
