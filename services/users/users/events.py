"""What this service tells the others."""

from datetime import datetime

from pydantic import AwareDatetime, field_serializer

from hopcount_shared.events import Envelope, EventData
from hopcount_shared.times import to_iso

SOURCE = "hopcount.users"


class UserRegistered(EventData):
    """Somebody confirmed their sign-up. Their address is not part of it: subscribers have no need of it."""

    user_id: str
    occurred_at: AwareDatetime

    @field_serializer("occurred_at")
    def _occurred_at(self, value: datetime) -> str:
        return to_iso(value)


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
