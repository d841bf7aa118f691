"""What this service tells the others."""

from datetime import datetime

from hopcount_shared.events import Envelope, EventData, Moment

SOURCE = "hopcount.users"


class UserRegistered(EventData):
    """Somebody confirmed their sign-up. Their address is not part of it: subscribers have no need of it.

    Parameters
    ----------
    user_id
        Who: their `sub` in the user pool.
    occurred_at
        When they confirmed, UTC.
    """

    user_id: str
    occurred_at: Moment


def user_registered(user_id: str, occurred_at: datetime, correlation_id: str) -> Envelope[UserRegistered]:
    """Make the event; the same user always gets the same id, so that a repetition can be told."""
    return Envelope(
        id=f"{user_id}:registered",
        type="UserRegistered",
        version=1,
        source=SOURCE,
        time=occurred_at,
        correlation_id=correlation_id,
        data=UserRegistered(user_id=user_id, occurred_at=occurred_at),
    )


class UserDeleted(EventData):
    """An account was deleted: whoever holds anything of this user erases it.

    Parameters
    ----------
    user_id
        Who it was: their `sub` in the user pool.
    occurred_at
        When they, or an operator, deleted it, UTC.
    """

    user_id: str
    occurred_at: Moment


def user_deleted(user_id: str, occurred_at: datetime, correlation_id: str | None) -> Envelope[UserDeleted]:
    """Make the event; the same user always gets the same id, so that a repetition can be told."""
    return Envelope(
        id=f"{user_id}:deleted",
        type="UserDeleted",
        version=1,
        source=SOURCE,
        time=occurred_at,
        correlation_id=correlation_id,
        data=UserDeleted(user_id=user_id, occurred_at=occurred_at),
    )
