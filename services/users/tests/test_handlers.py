"""Each function, wired as it is in Lambda, with events as AWS sends them."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws
from services.users.tests.support import (
    EMAIL,
    INTERNAL_TABLE,
    SUB,
    USER_TABLE,
    Context,
    cognito_event,
    create_tables,
    forget_wiring,
    http_event,
    link_event,
    queue_event,
    said,
)

from hopcount_shared.times import utc_now
from users.domain.sign_up import SignUpRefusedError
from users.handlers import check_sign_up, count_links, get_me, register_user

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

CONTEXT = cast("LambdaContext", Context())
BUS = "hopcount-test"


@pytest.fixture(autouse=True)
def fresh_sandbox() -> Iterator[None]:
    forget_wiring()
    yield
    forget_wiring()


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator["DynamoDBClient"]:
    monkeypatch.setenv("USER_TABLE_NAME", USER_TABLE)
    with mock_aws():
        yield create_tables()


def user_row(dynamodb: "DynamoDBClient", user_id: str = SUB) -> dict[str, Any]:
    return dict(dynamodb.get_item(TableName=USER_TABLE, Key={"userId": {"S": user_id}}).get("Item", {}))


class TestCheckSignUp:
    @pytest.fixture(autouse=True)
    def _policy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SIGN_UP_POLICY", "domains")
        monkeypatch.setenv("ALLOWED_EMAIL_DOMAINS", "example.com")

    def test_allows_by_returning_the_event_as_it_came(self) -> None:
        event = cognito_event("PreSignUp_SignUp", email=EMAIL)
        assert check_sign_up.handler(event, CONTEXT) == cognito_event("PreSignUp_SignUp", email=EMAIL)

    @pytest.mark.parametrize("source", ["PreSignUp_SignUp", "PreSignUp_ExternalProvider"])
    def test_refuses_by_raising(
        self, source: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SignUpRefusedError, match="certain email domains"):
            check_sign_up.handler(cognito_event(source, email="ada@evil.net"), CONTEXT)
        assert "evil" not in said(caplog, capfd)

    def test_allows_whom_an_administrator_creates(self) -> None:
        event = cognito_event("PreSignUp_AdminCreateUser", email="ada@evil.net")
        assert check_sign_up.handler(event, CONTEXT) == event

    def test_refuses_somebody_without_an_address(self) -> None:
        with pytest.raises(SignUpRefusedError):
            check_sign_up.handler(cognito_event("PreSignUp_SignUp"), CONTEXT)


class TestRegisterUser:
    @pytest.fixture(autouse=True)
    def _bus(self, dynamodb: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EVENT_BUS_NAME", BUS)
        events = boto3.client("events")
        arn = events.create_event_bus(Name=BUS)["EventBusArn"]
        pattern = json.dumps({"source": ["hopcount.users"], "detail-type": ["UserRegistered.v1"]})
        events.create_archive(ArchiveName="registered", EventSourceArn=arn, EventPattern=pattern)

    def published(self) -> int:
        return int(boto3.client("events").describe_archive(ArchiveName="registered")["EventCount"])

    def test_writes_the_user_down_and_returns_the_event(
        self,
        dynamodb: "DynamoDBClient",
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        event = cognito_event("PostConfirmation_ConfirmSignUp", sub=SUB, email=EMAIL, email_verified="true")
        assert register_user.handler(event, CONTEXT) == event
        row = user_row(dynamodb)
        assert (row["email"], row["totalLinks"], row["totalClicks"]) == ({"S": EMAIL}, {"N": "0"}, {"N": "0"})
        assert self.published() == 1
        logged = said(caplog, capfd)
        assert "user registered" in logged
        assert EMAIL not in logged

    def test_a_retry_changes_nothing_and_publishes_again(self, dynamodb: "DynamoDBClient") -> None:
        event = cognito_event("PostConfirmation_ConfirmSignUp", sub=SUB, email=EMAIL)
        register_user.handler(event, CONTEXT)
        before = user_row(dynamodb)
        register_user.handler(event, CONTEXT)
        assert user_row(dynamodb) == before
        assert self.published() == 2

    def test_a_forgotten_password_registers_nobody(self, dynamodb: "DynamoDBClient") -> None:
        event = cognito_event("PostConfirmation_ConfirmForgotPassword", sub=SUB, email=EMAIL)
        assert register_user.handler(event, CONTEXT) == event
        assert user_row(dynamodb) == {}
        assert self.published() == 0


class TestGetMe:
    def ask(self, claims: dict[str, str] | None) -> tuple[int, dict[str, Any]]:
        answer = get_me.handler(http_event(claims), CONTEXT)
        return answer["statusCode"], json.loads(answer["body"])

    def test_tells_what_the_row_holds(self, dynamodb: "DynamoDBClient") -> None:
        dynamodb.put_item(
            TableName=USER_TABLE,
            Item={
                "userId": {"S": SUB},
                "email": {"S": EMAIL},
                "totalLinks": {"N": "2"},
                "totalClicks": {"N": "41"},
                "createdAt": {"S": "2026-11-22T15:26:58.123456Z"},
            },
        )
        assert self.ask({"sub": SUB, "token_use": "access"}) == (
            200,
            {
                "userId": SUB,
                "email": EMAIL,
                "totalLinks": 2,
                "totalClicks": 41,
                "createdAt": "2026-11-22T15:26:58.123456Z",
            },
        )

    def test_of_somebody_whom_an_administrator_created(self, dynamodb: "DynamoDBClient") -> None:
        expected = {"userId": SUB, "email": EMAIL, "totalLinks": 0, "totalClicks": 0, "createdAt": None}
        assert self.ask({"sub": SUB, "token_use": "id", "email": EMAIL}) == (200, expected)
        assert self.ask({"sub": SUB, "token_use": "access"}) == (200, {**expected, "email": None})

    @pytest.mark.parametrize("claims", [None, {"sub": SUB}, {"sub": SUB, "token_use": "refresh"}])
    def test_of_nobody_is_401(self, dynamodb: "DynamoDBClient", claims: dict[str, str] | None) -> None:
        status, body = self.ask(claims)
        assert (status, body["type"]) == (401, "urn:hopcount:problem:unauthenticated")

    def test_without_a_table_is_500_and_says_nothing(self, dynamodb: "DynamoDBClient") -> None:
        dynamodb.delete_table(TableName=USER_TABLE)
        status, body = self.ask({"sub": SUB, "token_use": "access"})
        assert (status, body["type"]) == (500, "urn:hopcount:problem:internal")
        assert USER_TABLE not in json.dumps(body)


class TestCountLinks:
    @pytest.fixture(autouse=True)
    def _internal_table(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INTERNAL_TABLE_NAME", INTERNAL_TABLE)

    def consume(self, *bodies: dict[str, Any] | str) -> list[str]:
        answer = count_links.handler(queue_event(*bodies), CONTEXT)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def event(self, event_id: str, kind: str = "LinkCreated") -> dict[str, Any]:
        return link_event(event_id, kind, time=utc_now())

    def test_counts_a_batch_and_drops_what_it_saw(self, dynamodb: "DynamoDBClient") -> None:
        created = self.event("a:1")
        assert self.consume(created, created, self.event("b:1"), self.event("b:2", "LinkDeleted")) == []
        assert user_row(dynamodb)["totalLinks"] == {"N": "1"}
        assert self.consume(created) == []
        assert user_row(dynamodb)["totalLinks"] == {"N": "1"}

    def test_one_bad_message_does_not_hold_up_the_others(self, dynamodb: "DynamoDBClient") -> None:
        unknown = self.event("c:1", "LinkForgotten")
        newer = {**self.event("d:1"), "version": 2}
        assert self.consume("{", self.event("a:1"), unknown, newer, self.event("b:1")) == [
            "message-0",
            "message-2",
            "message-3",
        ]
        assert user_row(dynamodb)["totalLinks"] == {"N": "2"}

    def test_a_batch_that_fails_whole_comes_again_whole(self, dynamodb: "DynamoDBClient") -> None:
        assert self.consume("{", "") == ["message-0", "message-1"]

    def test_no_log_line_holds_what_a_message_says(
        self,
        dynamodb: "DynamoDBClient",
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        self.consume({**self.event("a:1"), "data": {"userId": "s3cret user"}}, '{"s3cret')
        logged = said(caplog, capfd)
        assert "link event not counted" in logged
        assert "s3cret" not in logged
