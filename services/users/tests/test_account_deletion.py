"""Deleting an account: whatever breaks off on the way, doing it again completes it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from services.users.tests.support import (
    EMAIL,
    NOW,
    SUB,
    FakeDirectory,
    FakePublisher,
    FakeTokens,
    FakeUsers,
)

from hopcount_shared.errors import GoneError, UnavailableError
from hopcount_shared.times import to_iso
from users.domain.api_token import SCOPES
from users.domain.patience import Patience
from users.domain.user import User
from users.service import AccountDeletion
from users.token_service import ApiTokens

OTHER = "somebody-else"
STEPS = ("close", "mark_erased", "revoke_all", "publish", "erase", "delete")


class Crash(BaseException):
    """The sandbox is gone."""


class World:
    """Everything there is to delete, and a log of what was done."""

    def __init__(self) -> None:
        self.now = NOW
        self.users = FakeUsers()
        self.tokens = FakeTokens(self.users)
        self.directory = FakeDirectory()
        self.publisher = FakePublisher()
        self.done: list[str] = []
        for user_id in (SUB, OTHER):
            self.users.register(user_id, EMAIL, to_iso(NOW))
            self.users.add_links(user_id, 1, f"{user_id}:1", NOW)
            self.directory.state[user_id] = "open"
            self.api_tokens().create_token(user_id, "ci", SCOPES, None)

    def clock(self) -> datetime:
        return self.now

    def api_tokens(self) -> ApiTokens:
        return ApiTokens(self.tokens, self.clock)

    def deletion(self, crash: Callable[[str], bool] = lambda _: False) -> AccountDeletion:
        """Make the use case; it crashes before (`-step`) and after (`+step`) steps as told."""

        def watched(port: Any) -> Any:
            world = self

            class Watched:
                def __getattr__(self, step: str) -> Any:
                    def run(*arguments: Any) -> Any:
                        if crash(f"-{step}"):
                            raise Crash
                        answer = getattr(port, step)(*arguments)
                        world.done.append(step)
                        if crash(f"+{step}"):
                            raise Crash
                        return answer

                    return run

            return Watched()

        ports = [watched(port) for port in (self.users, self.tokens, self.directory, self.publisher)]
        return AccountDeletion(*ports, clock=self.clock, patience=Patience(lambda _: None))

    def check_deleted(self) -> None:
        assert self.users.rows[SUB] == User(SUB)
        assert list(self.users.erased) == [SUB]
        assert SUB not in self.directory.state
        assert {kept.token.user_id for kept in self.tokens.kept.values()} == {OTHER}
        assert self.publisher.published
        for event in self.publisher.published:
            assert (event.id, to_iso(event.time)) == (f"{SUB}:deleted", self.users.erased[SUB])
        assert self.users.rows[OTHER].email == EMAIL
        assert self.directory.state == {OTHER: "open"}


def test_an_account_is_deleted_with_all_that_belongs_to_it() -> None:
    world = World()
    world.deletion().delete(SUB, "request-1")
    world.check_deleted()
    (event,) = world.publisher.published
    assert (event.detail_type, event.data.user_id, event.correlation_id) == (
        "UserDeleted.v1",
        SUB,
        "request-1",
    )
    assert world.done == list(STEPS)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", "-+")
def test_after_a_crash_doing_it_again_completes_it(step: str, when: str) -> None:
    world = World()
    with pytest.raises(Crash):
        world.deletion(lambda here: here == when + step).delete(SUB)
    assert world.directory.state.get(SUB) != "open" or step == "close"
    if SUB not in world.directory.state:
        assert world.publisher.published, "they left before anybody was told"
    world.now += timedelta(hours=1)
    world.deletion().delete(SUB)
    world.check_deleted()


def test_doing_it_twice_says_the_same_twice() -> None:
    world = World()
    for _ in range(2):
        world.deletion().delete(SUB)
        world.now += timedelta(days=1)
    world.check_deleted()
    first, second = world.publisher.published
    assert first == second


def test_a_failed_publication_leaves_the_user_in_the_directory() -> None:
    world = World()
    world.publisher.failures = [RuntimeError("the bus is down")]
    with pytest.raises(RuntimeError):
        world.deletion().delete(SUB)
    assert world.directory.state[SUB] == "closed"
    world.deletion().delete(SUB)
    world.check_deleted()


@pytest.mark.parametrize("step", ["mark_erased", "revoke_all", "erase"])
def test_a_busy_table_is_waited_for(step: str) -> None:
    world = World()
    refusals = [UnavailableError("busy", retry_after=1)] * 2
    real = getattr(world.users if hasattr(world.users, step) else world.tokens, step)

    def busy(*arguments: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return real(*arguments)

    setattr(world.users if hasattr(world.users, step) else world.tokens, step, busy)
    world.deletion().delete(SUB)
    world.check_deleted()


@pytest.mark.parametrize("step", STEPS[1:])
def test_no_token_is_made_from_the_mark_on(step: str) -> None:
    world = World()
    with pytest.raises(Crash):
        world.deletion(lambda here: here == f"+{step}").delete(SUB)
    with pytest.raises(GoneError):
        world.api_tokens().create_token(SUB, "late", SCOPES, None)


def test_what_comes_late_recreates_nothing() -> None:
    world = World()
    world.deletion().delete(SUB)
    assert not world.users.add_links(SUB, 1, "late:1", NOW)
    assert world.users.register(SUB, EMAIL, to_iso(NOW)) is None
    world.check_deleted()
