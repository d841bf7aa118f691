"""What can be done with API tokens."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from hopcount_shared.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from hopcount_shared.times import Clock
from users.domain.api_token import (
    MOST_LIVE_TOKENS,
    SCOPES,
    ApiToken,
    digest_of,
    id_in,
    is_id,
    new_id,
    new_text,
    same_digest,
)
from users.domain.patience import Patience


class KeptToken(NamedTuple):
    """A token, and the digest of its text."""

    token: ApiToken
    digest: str


class Tokens(Protocol):
    """Where API tokens are kept."""

    def add(self, kept: KeptToken, at_most: int) -> bool:
        """Keep a new token; return False if its owner has as many as they may, or is erased."""

    def list(self, user_id: str) -> Sequence[ApiToken]:
        """Return every token of a user that is kept, expired ones too, in no order.

        Raises `GoneError` if the user is erased.
        """

    def tidy(self, user_id: str, now: datetime) -> None:
        """Make room: forget the user's tokens that are over. Raises `GoneError` if the user is erased."""

    def find(self, token_id: str) -> KeptToken | None:
        """Return a token as it is now."""

    def mark_used(self, token: ApiToken, now: datetime) -> None:
        """Write down the day of a token's use, if it is still kept; what goes wrong is logged, no more."""

    def revoke(self, token_id: str, user_id: str) -> bool:
        """Forget a token; return False if the user has no such token."""

    def revoke_all(self, user_id: str) -> None:
        """Forget every token of a user, who is marked as erased before, so that none is added meanwhile."""


class ApiTokens:
    """A user's own API tokens.

    Parameters
    ----------
    tokens
        Where they are kept.
    clock
        The current time.
    patience
        Tries again what may succeed in a moment.
    """

    def __init__(self, tokens: Tokens, clock: Clock, patience: Patience | None = None) -> None:
        self._tokens = tokens
        self._clock = clock
        self._patience = patience or Patience()

    def create_token(
        self, user_id: str, name: str, scopes: Sequence[str], expires_at: datetime | None
    ) -> tuple[ApiToken, str]:
        """Make a token; return it with its text, which nobody can be shown again.

        Raises
        ------
        hopcount_shared.errors.InvalidInputError
            If it would have expired already.
        hopcount_shared.errors.ConflictError
            If the user has as many as they may.
        hopcount_shared.errors.GoneError
            If the user's account was deleted.
        """
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise InvalidInputError([FieldError("expiresAt", "must be in the future")])
        ordered = tuple(scope for scope in SCOPES if scope in scopes)
        token = ApiToken(new_id(), user_id, name, ordered, created_at=now, expires_at=expires_at)
        text = new_text(token.id)
        kept = KeptToken(token, digest_of(text))
        if not self._add(kept):
            self._patience.with_call(lambda: self._tokens.tidy(user_id, now))
            if not self._add(kept):
                raise ConflictError(f"you have {MOST_LIVE_TOKENS} API tokens: revoke one first")
        return token, text

    def _add(self, kept: KeptToken) -> bool:
        return self._patience.with_call(lambda: self._tokens.add(kept, MOST_LIVE_TOKENS))

    def list_tokens(self, user_id: str) -> Sequence[ApiToken]:
        """Return the user's live tokens, newest first."""
        now = self._clock()
        live = [token for token in self._tokens.list(user_id) if token.is_live(now)]
        return sorted(live, key=lambda token: (token.created_at, token.id), reverse=True)

    def delete_token(self, token_id: str, user_id: str) -> None:
        """Revoke a token; sandboxes that remember it go on taking it for as long as `TokenCheck` says.

        Raises
        ------
        hopcount_shared.errors.NotFoundError
            If the user has no such token.
        """
        if not is_id(token_id) or not self._revoke(token_id, user_id):
            raise NotFoundError("you have no such API token")

    def _revoke(self, token_id: str, user_id: str) -> bool:
        return self._patience.with_call(lambda: self._tokens.revoke(token_id, user_id))


class _Remembered(NamedTuple):
    token: ApiToken
    since: datetime


class TokenCheck:
    """Tells whose token a text is.

    What was found is remembered for a while, by its digest; what was not found never is, so that a new token
    works at once. A revoked token is refused once it is forgotten everywhere, an expired one on time.

    Parameters
    ----------
    tokens
        Where they are kept.
    clock
        The current time: the wall clock's, because others may stand still while a sandbox is frozen.
    remember
        For how long a token is not looked up again.
    at_most
        How many tokens are remembered; the one that was asked for least lately is forgotten first.
    """

    def __init__(self, tokens: Tokens, clock: Clock, *, remember: timedelta, at_most: int = 1_000) -> None:
        self._tokens = tokens
        self._clock = clock
        self._remember = remember
        self._at_most = at_most
        self._known: OrderedDict[str, _Remembered] = OrderedDict()

    def check(self, text: str) -> ApiToken | None:
        """Return the token that a text is, or None if it is none, expired or revoked."""
        token_id = id_in(text)
        if token_id is None:
            return None
        digest, now = digest_of(text), self._clock()
        token = self._recall(digest, now) or self._look_up(token_id, digest, now)
        return token if token and token.is_live(now) else None

    def _recall(self, digest: str, now: datetime) -> ApiToken | None:
        known = self._known.pop(digest, None)
        # Not if it is of the future either: the clock was set back, and nobody knows how far.
        if known is None or not known.since <= now < known.since + self._remember:
            return None
        self._known[digest] = known
        return known.token

    def _look_up(self, token_id: str, digest: str, now: datetime) -> ApiToken | None:
        kept = self._tokens.find(token_id)
        if kept is None or not same_digest(kept.digest, digest) or not kept.token.is_live(now):
            return None
        self._known[digest] = _Remembered(kept.token, now)
        if len(self._known) > self._at_most:
            self._known.popitem(last=False)
        if kept.token.last_used_on != now.date():
            self._tokens.mark_used(kept.token, now)
        return kept.token
