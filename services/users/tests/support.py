"""What several test modules of this service need: a fake of each port, events as AWS sends them, tables."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from hopcount_shared.errors import GoneError
from hopcount_shared.events import Envelope
from hopcount_shared.times import to_iso
from users import bootstrap
from users.domain.api_token import ApiToken
from users.domain.user import User
from users.token_service import KeptToken

if TYPE_CHECKING:
    import pytest
    from mypy_boto3_dynamodb.client import DynamoDBClient

NOW = datetime(2026, 11, 22, 15, 26, 58, 123456, tzinfo=UTC)
SUB = "8711a496-4bc3-451c-bb51-8e5045affc35"
EMAIL = "ada@example.com"
USER_TABLE = "hopcount-test-User"
INTERNAL_TABLE = "hopcount-test-UsersInternal"
TOKEN_TABLE = "hopcount-test-ApiToken"


class FakeUsers:
    """Keeps users in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, User] = {}
        self.handled: dict[str, datetime] = {}
        self.erased: dict[str, str] = {}

    def register(self, user_id: str, email: str | None, created_at: str) -> User | None:
        if user_id in self.erased:
            return None
        row = self.rows.get(user_id, User(user_id))
        row = replace(row, email=row.email or email, created_at=row.created_at or created_at)
        self.rows[user_id] = row
        return row

    def get(self, user_id: str) -> User | None:
        return self.rows.get(user_id)

    def add_links(self, user_id: str, change: int, event_id: str, forget_at: datetime) -> bool:
        if event_id in self.handled or user_id in self.erased:
            return False
        self.handled[event_id] = forget_at
        row = self.rows.get(user_id, User(user_id))
        self.rows[user_id] = replace(row, total_links=row.total_links + change)
        return True

    def mark_erased(self, user_id: str, at: str) -> str:
        self.rows.setdefault(user_id, User(user_id))
        return self.erased.setdefault(user_id, at)

    def erase(self, user_id: str) -> None:
        assert user_id in self.erased
        self.rows[user_id] = User(user_id)


class FakeTokens:
    """Keeps API tokens in memory."""

    def __init__(self, users: FakeUsers | None = None) -> None:
        self.users = users or FakeUsers()
        self.kept: dict[str, KeptToken] = {}
        self.reads = 0

    def add(self, kept: KeptToken, at_most: int) -> bool:
        user_id = kept.token.user_id
        if user_id in self.users.erased or len(self._of(user_id)) >= at_most:
            return False
        self.kept[kept.token.id] = kept
        return True

    def list(self, user_id: str) -> Sequence[ApiToken]:
        if user_id in self.users.erased:
            raise GoneError("this account was deleted")
        return self._of(user_id)

    def tidy(self, user_id: str, now: datetime) -> None:
        for token in self.list(user_id):
            if not token.is_live(now):
                del self.kept[token.id]

    def find(self, token_id: str) -> KeptToken | None:
        self.reads += 1
        return self.kept.get(token_id)

    def mark_used(self, token: ApiToken, now: datetime) -> None:
        if token.id in self.kept:
            kept = self.kept[token.id]
            self.kept[token.id] = kept._replace(token=replace(kept.token, last_used_on=now.date()))

    def revoke(self, token_id: str, user_id: str) -> bool:
        mine = token_id in self.kept and self.kept[token_id].token.user_id == user_id
        if mine:
            del self.kept[token_id]
        return mine

    def revoke_all(self, user_id: str) -> None:
        for token in self._of(user_id):
            del self.kept[token.id]

    def _of(self, user_id: str) -> Sequence[ApiToken]:
        return [kept.token for kept in self.kept.values() if kept.token.user_id == user_id]


class FakeDirectory:
    """Somebody who can sign in, cannot any more, or is gone."""

    def __init__(self) -> None:
        self.state: dict[str, str] = {}

    def close(self, user_id: str) -> None:
        if user_id in self.state:
            self.state[user_id] = "closed"

    def open(self, user_id: str) -> None:
        if user_id in self.state:
            self.state[user_id] = "open"

    def delete(self, user_id: str) -> None:
        self.state.pop(user_id, None)


class FakePublisher:
    """Remembers what was published, or fails as told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.published: list[Envelope[Any]] = []

    def publish(self, envelopes: Sequence[Envelope[Any]]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.published += envelopes


def said(caplog: "pytest.LogCaptureFixture", capfd: "pytest.CaptureFixture[str]") -> str:
    """Return everything that was logged, with all keys, and everything that was printed."""
    return "".join(str(vars(record)) for record in caplog.records) + capfd.readouterr().out


def forget_wiring() -> None:
    """Let the next call of a handler wire anew, as a new sandbox does."""
    for wired in vars(bootstrap).values():
        if hasattr(wired, "cache_clear"):
            wired.cache_clear()


@dataclass
class Context:
    """What Lambda tells a handler about its invocation."""

    function_name: str = "hopcount-users-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:hopcount-users-test"
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def create_tables() -> "DynamoDBClient":
    """Make the tables; call it inside `mock_aws`."""
    dynamodb = boto3.client("dynamodb")
    for name, key in ((USER_TABLE, "userId"), (INTERNAL_TABLE, "id"), (TOKEN_TABLE, "id")):
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        )
    return dynamodb


def link_event(
    event_id: str = "abc1234:1", kind: str = "LinkCreated", *, time: datetime = NOW, **changes: Any
) -> dict[str, Any]:
    """A link event as the links service writes it."""
    event = {
        "id": event_id,
        "type": kind,
        "version": 1,
        "source": "hopcount.links",
        "time": to_iso(time),
        "correlationId": None,
        "data": {
            "shortCode": event_id.partition(":")[0],
            "userId": SUB,
            "originalUrl": "https://example.com/some/page",
            "occurredAt": to_iso(time),
        },
    }
    return {**event, **changes}


def queue_event(*bodies: dict[str, Any] | str) -> dict[str, Any]:
    """An SQS event as Lambda passes it."""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "handle",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1795361218123",
                    "SenderId": "AIDAEXAMPLE",
                    "ApproximateFirstReceiveTimestamp": "1795361218456",
                },
                "messageAttributes": {},
                "md5OfBody": "d41d8cd98f00b204e9800998ecf8427e",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:hopcount-test-users-link-events",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def cognito_event(source: str, **attributes: str) -> dict[str, Any]:
    """A trigger event as Cognito sends it."""
    request: dict[str, Any] = {"userAttributes": attributes}
    response: dict[str, Any] = {}
    if source.startswith("PreSignUp"):
        request["validationData"] = None
        response = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    return {
        "version": "1",
        "region": "us-east-1",
        "userPoolId": "us-east-1_AbCdEfGhI",
        "userName": SUB,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "4h57kljhexample"},
        "triggerSource": source,
        "request": request,
        "response": response,
    }


def http_event(
    claims: dict[str, str] | None,
    route: str = "GET /users/me",
    *,
    body: dict[str, Any] | None = None,
    authorizer: dict[str, Any] | None = None,
    **parameters: str,
) -> dict[str, Any]:
    """A request as API Gateway passes it (payload 2.0), from whom the authorizer says."""
    method, template = route.split(" ")
    path = template.format(**parameters)
    request: dict[str, Any] = {
        "accountId": "000000000000",
        "apiId": "a1b2c3d4e5",
        "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
        "domainPrefix": "a1b2c3d4e5",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1",
            "userAgent": "curl/8.5.0",
        },
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": route,
        "stage": "$default",
        "time": "22/Nov/2026:15:26:58 +0000",
        "timeEpoch": 1795361218123,
    }
    if claims is not None:
        request["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    if authorizer is not None:
        request["authorizer"] = {"lambda": authorizer}
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "authorization": "Bearer s3cret-token",
            "content-type": "application/json",
        },
        "requestContext": request,
        "isBase64Encoded": False,
    }
    if parameters:
        event["pathParameters"] = parameters
    if body is not None:
        event["body"] = json.dumps(body)
    return event


def authorizer_event(**headers: str) -> dict[str, Any]:
    """A question to the authorizer as API Gateway asks it (payload 2.0, no identity source)."""
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/$default/GET/v1/urls",
        "identitySource": None,
        "routeKey": "GET /v1/urls",
        "rawPath": "/v1/urls",
        "rawQueryString": "",
        "headers": {"accept": "*/*", **{name.replace("_", "-"): value for name, value in headers.items()}},
        "requestContext": {"requestId": "JKJaXmPLvHcESHA=", "routeKey": "GET /v1/urls", "stage": "$default"},
    }
