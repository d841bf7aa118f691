"""Making, listing, revoking and recognising API tokens."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from services.users.tests.support import NOW, SUB, FakeTokens, FakeUsers

from hopcount_shared.errors import ConflictError, GoneError, InvalidInputError, NotFoundError
from hopcount_shared.times import to_iso
from users.domain.api_token import MOST_LIVE_TOKENS, SCOPES, digest_of, new_id, new_text
from users.token_service import ApiTokens, TokenCheck

MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept() -> FakeTokens:
    return FakeTokens()


@pytest.fixture
def tokens(kept: FakeTokens, clock: Clock) -> ApiTokens:
    return ApiTokens(kept, clock)


class TestApiTokens:
    def test_a_new_token_is_kept_without_its_text(self, tokens: ApiTokens, kept: FakeTokens) -> None:
        token, text = tokens.create_token(SUB, "ci", ["stats:read", "links:read"], None)
        assert text.startswith(f"hc_{token.id}_")
        assert kept.find(token.id) == (token, digest_of(text))
        assert text.rpartition("_")[2] not in repr(kept.kept)
        assert (token.user_id, token.name, token.created_at) == (SUB, "ci", NOW)
        assert token.scopes == ("links:read", "stats:read")

    def test_a_token_that_is_over_already_is_not_made(self, tokens: ApiTokens, kept: FakeTokens) -> None:
        with pytest.raises(InvalidInputError, match="expiresAt: must be in the future"):
            tokens.create_token(SUB, "ci", SCOPES, NOW)
        assert kept.kept == {}

    def test_a_user_has_only_so_many(self, tokens: ApiTokens, kept: FakeTokens, clock: Clock) -> None:
        for n in range(MOST_LIVE_TOKENS - 1):
            tokens.create_token(SUB, str(n), SCOPES, None)
        tokens.create_token(SUB, "short", SCOPES, NOW + MINUTE)
        with pytest.raises(ConflictError, match="25"):
            tokens.create_token(SUB, "more", SCOPES, None)
        tokens.create_token("somebody else", "theirs", SCOPES, None)
        clock.now += MINUTE
        tokens.create_token(SUB, "instead of the expired one", SCOPES, None)
        assert len(tokens.list_tokens(SUB)) == MOST_LIVE_TOKENS

    def test_a_revoked_token_makes_room(self, tokens: ApiTokens) -> None:
        made = [tokens.create_token(SUB, str(n), SCOPES, None)[0] for n in range(MOST_LIVE_TOKENS)]
        tokens.delete_token(made[7].id, SUB)
        tokens.create_token(SUB, "another", SCOPES, None)

    def test_an_erased_user_makes_none(self, clock: Clock) -> None:
        users = FakeUsers()
        tokens = ApiTokens(FakeTokens(users), clock)
        users.mark_erased(SUB, to_iso(NOW))
        with pytest.raises(GoneError):
            tokens.create_token(SUB, "ci", SCOPES, None)
        with pytest.raises(GoneError):
            tokens.list_tokens(SUB)

    def test_the_list_is_of_live_ones_newest_first(self, tokens: ApiTokens, clock: Clock) -> None:
        first, _ = tokens.create_token(SUB, "first", SCOPES, None)
        tokens.create_token(SUB, "short", SCOPES, NOW + MINUTE)
        tokens.create_token("somebody else", "theirs", SCOPES, None)
        clock.now += MINUTE
        last, _ = tokens.create_token(SUB, "last", SCOPES, None)
        assert tokens.list_tokens(SUB) == [last, first]

    def test_nobody_revokes_anothers(self, tokens: ApiTokens) -> None:
        token, _ = tokens.create_token(SUB, "mine", SCOPES, None)
        for user_id, token_id in (("somebody else", token.id), (SUB, new_id()), (SUB, ""), (SUB, "x" * 3000)):
            with pytest.raises(NotFoundError):
                tokens.delete_token(token_id, user_id)
        assert tokens.list_tokens(SUB) == [token]
        tokens.delete_token(token.id, SUB)
        with pytest.raises(NotFoundError):
            tokens.delete_token(token.id, SUB)


class TestTokenCheck:
    @pytest.fixture
    def check(self, kept: FakeTokens, clock: Clock) -> TokenCheck:
        return TokenCheck(kept, clock, remember=timedelta(seconds=30), at_most=3)

    def test_a_token_is_recognised(self, tokens: ApiTokens, check: TokenCheck) -> None:
        token, text = tokens.create_token(SUB, "ci", ["links:read"], None)
        found = check.check(text)
        assert found is not None
        assert (found.id, found.user_id, found.scopes) == (token.id, SUB, ("links:read",))

    def test_the_right_id_with_a_wrong_secret_is_not(self, tokens: ApiTokens, check: TokenCheck) -> None:
        token, text = tokens.create_token(SUB, "ci", SCOPES, None)
        assert check.check(new_text(token.id)) is None
        assert check.check(text) is not None
        assert check.check(new_text(token.id)) is None

    def test_what_is_no_token_is_not_even_looked_up(self, kept: FakeTokens, check: TokenCheck) -> None:
        for text in ("", "hc_", "eyJhbGciOiJub25lIn0.e30.", "hc_abc_def"):
            assert check.check(text) is None
        assert kept.reads == 0

    def test_a_known_token_is_looked_up_once_in_a_while(
        self, tokens: ApiTokens, kept: FakeTokens, check: TokenCheck, clock: Clock
    ) -> None:
        _, text = tokens.create_token(SUB, "ci", SCOPES, None)
        for _ in range(30):
            assert check.check(text)
            clock.now += timedelta(seconds=1)
        assert kept.reads == 1
        assert check.check(text)
        assert kept.reads == 2

    def test_an_unknown_token_is_looked_up_each_time(self, kept: FakeTokens, check: TokenCheck) -> None:
        text = new_text(new_id())
        assert [check.check(text) for _ in range(3)] == [None] * 3
        assert kept.reads == 3

    def test_a_revoked_token_is_refused_once_it_is_forgotten(
        self, tokens: ApiTokens, check: TokenCheck, clock: Clock
    ) -> None:
        token, text = tokens.create_token(SUB, "ci", SCOPES, None)
        assert check.check(text)
        tokens.delete_token(token.id, SUB)
        clock.now += timedelta(seconds=30)
        assert check.check(text) is None

    @pytest.mark.parametrize("looked_up", [True, False])
    def test_an_expired_token_is_refused_at_once(
        self, tokens: ApiTokens, check: TokenCheck, clock: Clock, looked_up: bool
    ) -> None:
        _, text = tokens.create_token(SUB, "ci", SCOPES, NOW + timedelta(seconds=5))
        if looked_up:
            assert check.check(text)
        clock.now += timedelta(seconds=5)
        assert check.check(text) is None

    def test_a_clock_that_is_set_back_keeps_nothing_alive(
        self, tokens: ApiTokens, check: TokenCheck, clock: Clock
    ) -> None:
        token, text = tokens.create_token(SUB, "ci", SCOPES, None)
        assert check.check(text)
        tokens.delete_token(token.id, SUB)
        clock.now -= timedelta(hours=1)
        assert check.check(text) is None

    def test_what_was_asked_for_least_lately_is_forgotten_first(
        self, tokens: ApiTokens, kept: FakeTokens, check: TokenCheck
    ) -> None:
        texts = [tokens.create_token(SUB, str(n), SCOPES, None)[1] for n in range(4)]
        for n in (0, 1, 2, 0, 3):  # 3 takes the place of 1
            assert check.check(texts[n])
        assert kept.reads == 4
        for n in (0, 2, 3):
            assert check.check(texts[n])
        assert kept.reads == 4
        assert check.check(texts[1])
        assert kept.reads == 5

    def test_the_day_of_use_is_written_down_once(
        self, tokens: ApiTokens, kept: FakeTokens, check: TokenCheck, clock: Clock
    ) -> None:
        token, text = tokens.create_token(SUB, "ci", SCOPES, None)
        assert check.check(text)
        (listed,) = tokens.list_tokens(SUB)
        assert listed == replace(token, last_used_on=NOW.date())

        def never(*_: object) -> None:
            raise AssertionError("written twice on one day")

        kept.mark_used, written = never, kept.mark_used  # type: ignore[method-assign]
        clock.now += MINUTE
        assert check.check(text)
        kept.mark_used = written  # type: ignore[method-assign]
        clock.now += timedelta(days=1)
        assert check.check(text)
        assert tokens.list_tokens(SUB)[0].last_used_on == clock.now.date()
