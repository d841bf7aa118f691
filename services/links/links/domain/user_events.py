"""The one fact about users that matters here, read tolerantly and no further than needed."""

from typing import Annotated

from pydantic import Field

from hopcount_shared.events import Envelope, EventData, read_event

SOURCE = "hopcount.users"
USER_DELETED = "UserDeleted.v1"


class UserFact(EventData):
    """Who it is about. A user id is a Cognito `sub`; anything else is a mistake of the sender."""

    user_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,128}$")]


def read_user_deleted(body: str) -> Envelope[UserFact]:
    """Read a queue message.

    Raises
    ------
    MessageRejectedError
        If the message is malformed or tells something else. The reason names fields, never what they hold.
    """
    return read_event(Envelope[UserFact], body, SOURCE, {USER_DELETED})
