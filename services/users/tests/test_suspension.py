"""A disabled account: nobody acts in its name, and enabling it gives back what it had."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from moto import mock_aws
from services.users.tests.support import NOW, SUB, TOKEN_TABLE, USER_TABLE, FakeDirectory, create_tables

from hopcount_shared.errors import ForbiddenError, GoneError
from hopcount_shared.times import to_iso
from users.domain.api_token import SCOPES
from users.repository import DynamoUsers
from users.suspension import AccountSuspension
from users.token_repository import DynamoTokens
from users.token_service import ApiTokens, TokenCheck

OTHER = "somebody-else"


class World:
    """Two users, each with a token."""

    def __init__(self) -> None:
        self.now = NOW
        dynamodb = create_tables()
        self.users = DynamoUsers(dynamodb, USER_TABLE)
        self.tokens = DynamoTokens(dynamodb, TOKEN_TABLE, USER_TABLE)
        self.directory = FakeDirectory()
        self.suspension = AccountSuspension(self.users, self.tokens, self.directory, self.clock)
        self.texts: dict[str, str] = {}
        for user_id in (SUB, OTHER):
            self.directory.state[user_id] = "open"
            self.users.register(user_id, None, to_iso(NOW))
            self.texts[user_id] = self.make_token(user_id)

    def clock(self) -> Any:
        return self.now

    def make_token(self, user_id: str) -> str:
        return ApiTokens(self.tokens, self.clock).create_token(user_id, "ci", SCOPES, None)[1]

    def works(self, user_id: str) -> bool:
        check = TokenCheck(self.tokens, self.clock, remember=timedelta(seconds=60))
        return check.check(self.texts[user_id]) is not None


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        yield World()


def test_a_disabled_account_can_do_nothing_and_others_are_as_they_were(world: World) -> None:
    assert world.suspension.disable(SUB) == to_iso(NOW)
    assert not world.works(SUB)
    assert world.works(OTHER)
    assert world.directory.state == {SUB: "closed", OTHER: "open"}


def test_a_session_that_is_still_good_makes_no_token(world: World) -> None:
    world.suspension.disable(SUB)
    with pytest.raises(ForbiddenError, match="this account is disabled"):
        world.make_token(SUB)
    with pytest.raises(ForbiddenError):
        ApiTokens(world.tokens, world.clock).list_tokens(SUB)


def test_an_enabled_account_has_what_it_had(world: World) -> None:
    before = world.users.get(SUB)
    world.suspension.disable(SUB)
    world.suspension.enable(SUB)
    assert world.works(SUB)
    assert world.directory.state[SUB] == "open"
    assert world.users.get(SUB) == before
    assert world.make_token(SUB)


def test_a_token_that_was_revoked_does_not_come_back(world: World) -> None:
    world.suspension.disable(SUB)
    token_id = world.texts[SUB].split("_")[1]
    world.tokens.revoke(token_id, SUB)
    world.suspension.enable(SUB)
    assert world.tokens.find(token_id) is None


def test_doing_it_again_keeps_since_when(world: World) -> None:
    since = world.suspension.disable(SUB)
    world.now += timedelta(days=1)
    assert world.suspension.disable(SUB) == since
    world.suspension.enable(SUB)
    world.suspension.enable(SUB)
    assert world.suspension.disable(SUB) == to_iso(world.now)


def test_somebody_without_a_row_can_be_disabled_and_enabled(world: World) -> None:
    world.suspension.disable("invited")
    world.suspension.enable("invited")
    assert world.tokens.list("invited") == []


def test_a_deleted_account_is_not_disabled(world: World) -> None:
    world.users.mark_erased(SUB, to_iso(NOW))
    with pytest.raises(GoneError):
        world.suspension.disable(SUB)
    world.suspension.enable(SUB)


def test_a_disabled_account_that_is_deleted_keeps_the_mark_alone(world: World) -> None:
    world.suspension.disable(SUB)
    world.users.mark_erased(SUB, to_iso(NOW))
    world.users.erase(SUB)
    item = row_of(world)
    assert sorted(item) == ["erasedAt", "userId"]


def row_of(world: World) -> dict[str, Any]:
    client: Any = world.users._dynamodb
    item: dict[str, Any] = client.get_item(TableName=USER_TABLE, Key={"userId": {"S": SUB}})["Item"]
    return item
