"""The facts about links that change a user's total, read tolerantly and no further than needed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from hopcount_shared.errors import MessageRejectedError
from hopcount_shared.events import Envelope, EventData, read_event

HORIZON = timedelta(days=120)
"""For how long a handled event is remembered. An older one cannot be proved to be new."""

SOURCE = "hopcount.links"

_CHANGES: Mapping[str, int] = {"LinkCreated.v1": 1, "LinkRestored.v1": 1, "LinkDeleted.v1": -1}


class LinkFact(EventData):
    """Whose link it is. A user id is a Cognito `sub`; anything else is a mistake of the sender."""

    user_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,128}$")]


def read_link_event(body: str) -> Envelope[LinkFact]:
    """Read a queue message.

    Raises
    ------
    MessageRejectedError
        If the message is malformed or tells something that this service does not count. The reason names
        fields, never what they hold.
    """
    return read_event(Envelope[LinkFact], body, SOURCE, _CHANGES)


def change_of(event: Envelope[LinkFact], now: datetime) -> int:
    """Return what the event adds to its owner's total: 1 or -1.

    Raises
    ------
    MessageRejectedError
        If the event is so old that it may have been counted and forgotten.
    """
    if now - event.time >= HORIZON:
        raise MessageRejectedError("too old to prove that it was not counted before")
    return _CHANGES[event.detail_type]
