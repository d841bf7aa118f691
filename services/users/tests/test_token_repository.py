"""The fake and the real repository of tokens keep the same promises; what only DynamoDB can do follows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws
from services.users.tests.support import (
    NOW,
    SUB,
    TOKEN_TABLE,
    USER_TABLE,
    FakeTokens,
    FakeUsers,
    create_tables,
)

from hopcount_shared.errors import GoneError, UnavailableError
from hopcount_shared.times import to_iso
from users.domain.api_token import ApiToken
from users.repository import DynamoUsers
from users.service import Users
from users.token_repository import DynamoTokens
from users.token_service import KeptToken, Tokens

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

EXPIRES = NOW + timedelta(days=30, microseconds=1)


def kept(token_id: str, user_id: str = SUB, **more: Any) -> KeptToken:
    token = ApiToken(token_id, user_id, "ci", ("links:read", "stats:read"), created_at=NOW)
    return KeptToken(replace(token, **more), f"digest of {token_id}")


@pytest.fixture
def dynamodb() -> Iterator["DynamoDBClient"]:
    with mock_aws():
        yield create_tables()


@pytest.fixture(params=["fake", "dynamodb"])
def both(request: pytest.FixtureRequest) -> tuple[Tokens, Users]:
    if request.param == "fake":
        users = FakeUsers()
        return FakeTokens(users), users
    dynamodb = request.getfixturevalue("dynamodb")
    return DynamoTokens(dynamodb, TOKEN_TABLE, USER_TABLE), DynamoUsers(dynamodb, USER_TABLE)


@pytest.fixture
def tokens(both: tuple[Tokens, Users]) -> Tokens:
    return both[0]


@pytest.fixture
def users(both: tuple[Tokens, Users]) -> Users:
    return both[1]


class TestTokens:
    def test_there_are_none_at_first(self, tokens: Tokens) -> None:
        assert tokens.find("abc") is None
        assert list(tokens.list(SUB)) == []

    @pytest.mark.parametrize("expires_at", [None, EXPIRES])
    def test_an_added_token_is_found_and_listed(self, tokens: Tokens, expires_at: Any) -> None:
        one = kept("one", expires_at=expires_at)
        assert tokens.add(one, 25)
        assert tokens.find("one") == one
        assert list(tokens.list(SUB)) == [one.token]

    def test_users_are_apart(self, tokens: Tokens) -> None:
        assert tokens.add(kept("one"), 1)
        assert tokens.add(kept("other", "other user"), 1)
        assert [token.id for token in tokens.list("other user")] == ["other"]
        assert not tokens.revoke("other", SUB)
        tokens.revoke_all(SUB)
        assert tokens.find("other") is not None

    def test_there_are_no_more_than_allowed(self, tokens: Tokens) -> None:
        assert [tokens.add(kept(name), 2) for name in "abc"] == [True, True, False]
        assert tokens.find("c") is None
        assert tokens.revoke("a", SUB)
        assert tokens.add(kept("c"), 2)

    def test_what_is_over_makes_room(self, tokens: Tokens) -> None:
        for name, expires_at in (("a", EXPIRES), ("b", None), ("c", EXPIRES)):
            assert tokens.add(kept(name, expires_at=expires_at), 3)
        tokens.tidy(SUB, EXPIRES - timedelta(seconds=1))
        assert not tokens.add(kept("d"), 3)
        tokens.tidy(SUB, EXPIRES)
        assert [token.id for token in tokens.list(SUB)] == ["b"]
        assert tokens.find("a") is None
        assert tokens.add(kept("d"), 2)

    def test_a_revoked_token_is_gone(self, tokens: Tokens) -> None:
        tokens.add(kept("one"), 25)
        assert tokens.revoke("one", SUB)
        assert not tokens.revoke("one", SUB)
        assert tokens.find("one") is None
        assert list(tokens.list(SUB)) == []

    def test_the_day_of_use_is_kept(self, tokens: Tokens) -> None:
        one = kept("one")
        tokens.add(one, 25)
        for moment in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1)):
            tokens.mark_used(one.token, moment)
            found = tokens.find("one")
            assert found is not None
            assert found.token.last_used_on == moment.date()

    def test_use_brings_no_revoked_token_back(self, tokens: Tokens) -> None:
        one = kept("one")
        tokens.add(one, 25)
        tokens.revoke("one", SUB)
        tokens.mark_used(one.token, NOW)
        assert tokens.find("one") is None

    def test_an_erased_user_loses_all_and_gets_none(self, tokens: Tokens, users: Users) -> None:
        for name in "abc":
            tokens.add(kept(name), 25)
        users.mark_erased(SUB, to_iso(NOW))
        assert not tokens.add(kept("d"), 25)
        for _ in range(2):
            tokens.revoke_all(SUB)
            assert [tokens.find(name) for name in "abcd"] == [None] * 4
        with pytest.raises(GoneError):
            tokens.list(SUB)
        with pytest.raises(GoneError):
            tokens.tidy(SUB, NOW)


def failing(response: Any) -> Any:
    """A DynamoDB client that fails, whatever it is asked."""

    class Client:
        def __getattr__(self, operation: str) -> Any:
            def fail(**_: Any) -> None:
                raise response if isinstance(response, Exception) else ClientError(response, operation)

            return fail

    return Client()


def error(code: str, *reasons: str) -> dict[str, Any]:
    return {"Error": {"Code": code}, "CancellationReasons": [{"Code": reason} for reason in reasons]}


class TestDynamoTokens:
    def test_a_row_says_what_is_needed_and_no_secret(self, dynamodb: "DynamoDBClient") -> None:
        DynamoTokens(dynamodb, TOKEN_TABLE, USER_TABLE).add(kept("one", expires_at=EXPIRES), 25)
        assert dynamodb.scan(TableName=TOKEN_TABLE)["Items"] == [
            {
                "id": {"S": "one"},
                "userId": {"S": SUB},
                "name": {"S": "ci"},
                "scopes": {"S": "links:read stats:read"},
                "createdAt": {"S": to_iso(NOW)},
                "digest": {"S": "digest of one"},
                "expiresAt": {"S": to_iso(EXPIRES)},
                "ttl": {"N": str(int(EXPIRES.timestamp()) + 1)},
            }
        ]

    def test_what_dynamodb_removed_makes_room(self, dynamodb: "DynamoDBClient") -> None:
        tokens = DynamoTokens(dynamodb, TOKEN_TABLE, USER_TABLE)
        tokens.add(kept("one"), 1)
        dynamodb.delete_item(TableName=TOKEN_TABLE, Key={"id": {"S": "one"}})
        assert list(tokens.list(SUB)) == []
        assert not tokens.add(kept("two"), 1)
        tokens.tidy(SUB, NOW)
        assert tokens.add(kept("two"), 1)

    @pytest.mark.parametrize(
        "response",
        [
            error("ThrottlingException"),
            error("TransactionInProgressException"),
            error("TransactionConflictException"),
            error("TransactionCanceledException", "TransactionConflict", "None"),
            error("TransactionCanceledException", "None", "TransactionConflict"),
        ],
    )
    def test_what_may_pass_is_told_apart(self, response: dict[str, Any]) -> None:
        tokens = DynamoTokens(failing(response), TOKEN_TABLE, USER_TABLE)
        for call in (
            lambda: tokens.add(kept("one"), 25),
            lambda: tokens.revoke("one", SUB),
            lambda: tokens.list(SUB),
            lambda: tokens.revoke_all(SUB),
        ):
            with pytest.raises(UnavailableError):
                call()

    def test_what_stays_wrong_is_not_hidden(self) -> None:
        tokens = DynamoTokens(failing(error("AccessDeniedException")), TOKEN_TABLE, USER_TABLE)
        for call in (
            lambda: tokens.add(kept("one"), 25),
            lambda: tokens.revoke("one", SUB),
            lambda: tokens.find("one"),
            lambda: tokens.revoke_all(SUB),
        ):
            with pytest.raises(ClientError):
                call()

    def test_the_id_of_another_token_is_not_taken(self) -> None:
        taken = error("TransactionCanceledException", "ConditionalCheckFailed", "None")
        with pytest.raises(ClientError):
            DynamoTokens(failing(taken), TOKEN_TABLE, USER_TABLE).add(kept("one"), 25)

    @pytest.mark.parametrize(
        "response", [error("AccessDeniedException"), ReadTimeoutError(endpoint_url="https://dynamodb")]
    )
    def test_a_use_that_cannot_be_written_down_is_no_error(
        self, response: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        DynamoTokens(failing(response), TOKEN_TABLE).mark_used(kept("one").token, NOW)
        assert "not written down" in caplog.text
