"""What can be done with users."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from hopcount_shared.errors import UnavailableError
from hopcount_shared.events import Envelope
from hopcount_shared.times import Clock, from_iso, to_iso
from users.domain.link_events import HORIZON, change_of, read_link_event
from users.domain.patience import Patience
from users.domain.user import User
from users.events import user_deleted, user_registered
from users.token_service import Tokens

RemainingSeconds = Callable[[], float]

LAST_TRY_SECONDS = 5.0
"""Time a try may take: with less left, the message had better come again."""


class Users(Protocol):
    """Where users are kept."""

    def register(self, user_id: str, email: str | None, created_at: str) -> User | None:
        """Fill in what the row lacks, changing nothing that is there, and return it; None if it is erased."""

    def get(self, user_id: str) -> User | None:
        """Return the user, or None if nothing was ever written about them."""

    def add_links(self, user_id: str, change: int, event_id: str, forget_at: datetime) -> bool:
        """Add to the total, and tell so, unless the event was handled before or the user is erased.

        Raises `UnavailableError` if another try may succeed.
        """

    def mark_erased(self, user_id: str, at: str) -> str:
        """Mark the user as erased, for ever, and return since when they are; a mark never changes.

        From then on nothing is written about them but what erases.
        """

    def erase(self, user_id: str) -> None:
        """Remove whatever the row of a marked user holds beside the mark."""


class Directory(Protocol):
    """Where people sign in. Whoever is not there is no error: the try before may have deleted them."""

    def close(self, user_id: str) -> None:
        """Sign the user out everywhere, and let them sign in no more."""

    def delete(self, user_id: str) -> None:
        """Delete the user."""


class Publisher(Protocol):
    """Where events go."""

    def publish(self, envelopes: Sequence[Envelope[Any]]) -> None:
        """Publish, or raise."""


class Registration:
    """Writes new users down and says so."""

    def __init__(self, users: Users, publisher: Publisher, clock: Clock) -> None:
        self._users = users
        self._publisher = publisher
        self._clock = clock

    def register(self, user_id: str, email: str | None, correlation_id: str) -> None:
        """Create the user's row, then publish `UserRegistered`; doing it again repeats the same event.

        In this order, because an event about a user who is not there would be a lie; a crash in between
        is mended by the retry.
        """
        user = self._users.register(user_id, email, to_iso(self._clock()))
        if user is None:
            return  # a retry that comes after the account was deleted
        occurred_at = from_iso(user.created_at) if user.created_at else self._clock()
        self._publisher.publish([user_registered(user_id, occurred_at, correlation_id)])


class Profile:
    """Tells users about themselves."""

    def __init__(self, users: Users) -> None:
        self._users = users

    def get_me(self, user_id: str, email: str | None) -> User:
        """Return the user; what the row lacks is zero, and the address then comes from the token.

        Link events may overtake each other, so a total can be negative for a moment: nobody is told so.
        """
        user = self._users.get(user_id) or User(user_id)
        return replace(user, email=user.email or email, total_links=max(user.total_links, 0))


class LinkCounter:
    """Keeps `totalLinks` exact.

    Parameters
    ----------
    users
        Where the totals are.
    clock
        The current time.
    sleep, jitter
        The wait between tries: full jitter over 50 ms, doubled each time up to 2 s. Arguments for tests.
    """

    def __init__(
        self,
        users: Users,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._users = users
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter

    def count(self, body: str, remaining: RemainingSeconds) -> bool:
        """Count one message; return False if it was counted before.

        Raises
        ------
        hopcount_shared.errors.MessageRejectedError
            If no retry will make the message countable.
        hopcount_shared.errors.UnavailableError
            If the time ran out first.
        """
        event = read_link_event(body)
        now = self._clock()
        change = change_of(event, now)
        forget_at = max(now, event.time) + HORIZON  # the sender's clock may be ahead
        tries = 0
        while True:
            try:
                return self._users.add_links(event.data.user_id, change, event.id, forget_at)
            except UnavailableError:
                wait = self._jitter(0, min(0.05 * 2**tries, 2))
                tries += 1
                if remaining() - wait < LAST_TRY_SECONDS:
                    raise
                self._sleep(wait)


class AccountDeletion:
    """Deletes accounts, so that whatever breaks off on the way is completed by doing it again.

    Parameters
    ----------
    users, tokens, directory
        Where there is something to delete.
    publisher
        Tells the other services, which erase what they hold.
    clock
        The current time.
    patience
        Tries again what may succeed in a moment.
    """

    def __init__(
        self,
        users: Users,
        tokens: Tokens,
        directory: Directory,
        publisher: Publisher,
        clock: Clock,
        patience: Patience | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._users = users
        self._tokens = tokens
        self._directory = directory
        self._publisher = publisher
        self._clock = clock

    def delete(self, user_id: str, correlation_id: str | None = None) -> None:
        """Delete an account and all that belongs to it; doing it again repeats the same event.

        The order is what makes this safe. First nobody can sign in; then the mark keeps tokens from being
        made, so that all there are can be revoked; the fact is published while the user still is in the
        directory, where a deletion that broke off can be seen; and they leave it last.

        Parameters
        ----------
        user_id
            The Cognito `sub`. Nobody checks that there is such a user: a mark of an unknown one does no harm.
        correlation_id
            The request that led to it, if one did.
        """
        self._directory.close(user_id)
        at = to_iso(self._clock())
        erased_at = self._patience.with_call(lambda: self._users.mark_erased(user_id, at))
        self._patience.with_call(lambda: self._tokens.revoke_all(user_id))
        self._publisher.publish([user_deleted(user_id, from_iso(erased_at), correlation_id)])
        self._patience.with_call(lambda: self._users.erase(user_id))
        self._directory.delete(user_id)
