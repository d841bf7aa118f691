"""Disable an account, so that nobody acts in its name, and enable it again. Its links go on leading."""

from typing import Protocol

from hopcount_shared.times import Clock, to_iso


class Marks(Protocol):
    """Where users are kept, as far as this goes."""

    def disable(self, user_id: str, at: str) -> str:
        """Mark the user as disabled, and return since when they are; no token is made for them any more.

        Raises `GoneError` if the user is erased.
        """

    def enable(self, user_id: str) -> None:
        """Take that mark away, if it is there."""


class Tokens(Protocol):
    """Where API tokens are kept, as far as this goes."""

    def disable_all(self, user_id: str, at: str) -> None:
        """Let every token of a user find nobody."""

    def enable_all(self, user_id: str) -> None:
        """Let the user's tokens work again."""


class Directory(Protocol):
    """Where people sign in. Whoever is not there is no error."""

    def close(self, user_id: str) -> None:
        """Sign the user out everywhere, and let them sign in no more."""

    def open(self, user_id: str) -> None:
        """Let the user sign in again."""


class AccountSuspension:
    """Disables and enables accounts. Every step may be done again: whatever breaks off is completed so.

    Parameters
    ----------
    users, tokens, directory
        Where there is something to close.
    clock
        The current time.
    """

    def __init__(self, users: Marks, tokens: Tokens, directory: Directory, clock: Clock) -> None:
        self._users = users
        self._tokens = tokens
        self._directory = directory
        self._clock = clock

    def disable(self, user_id: str) -> str:
        """Disable an account; return since when it is.

        Nobody signs in any more, sessions cannot be prolonged, and API tokens are refused once sandboxes have
        forgotten them. JWTs that are out stay good until they expire: the API does not ask the pool.

        Raises
        ------
        hopcount_shared.errors.GoneError
            If it was deleted.
        """
        self._directory.close(user_id)
        since = self._users.disable(user_id, to_iso(self._clock()))  # no token is added from here on
        self._tokens.disable_all(user_id, since)
        return since

    def enable(self, user_id: str) -> None:
        """Enable an account, with the API tokens that it had."""
        self._users.enable(user_id)
        self._tokens.enable_all(user_id)
        self._directory.open(user_id)
