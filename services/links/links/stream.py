"""The table's stream as events: an outbox that no write can forget."""

from collections.abc import Mapping
from typing import Any

from hopcount_shared.errors import MessageRejectedError
from links.events import (
    LinkChangedData,
    LinkCreatedV1,
    LinkDeletedV1,
    LinkErasedData,
    LinkErasedV1,
    LinkEvent,
    LinkRestoredV1,
    LinkUpdatedV1,
)
from links.rows import from_item, owner_in

_EVENTS: Mapping[str, type[LinkCreatedV1 | LinkUpdatedV1 | LinkDeletedV1 | LinkRestoredV1]] = {
    "created": LinkCreatedV1,
    "updated": LinkUpdatedV1,
    "deleted": LinkDeletedV1,
    "restored": LinkRestoredV1,
}


def to_event(record: Mapping[str, Any]) -> LinkEvent:
    """Read what happened to a link from a stream record.

    The event's id is the link's id and version, so the same change read twice is the same event.

    Raises
    ------
    MessageRejectedError
        If the record is nothing to be told: the event source's filter should have kept it back.
    """
    try:
        image = record["dynamodb"]["NewImage"]
        if image["change"]["S"] == "erased":
            return _erased(image, record["dynamodb"]["OldImage"])
        event = _EVENTS[image["change"]["S"]]
        link = from_item(image)
        data = LinkChangedData(
            short_code=link.id,
            user_id=link.owner,
            original_url=link.original_url,
            occurred_at=link.updated_at,
        )
        return event(id=f"{link.id}:{link.version}", time=link.updated_at, data=data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MessageRejectedError("no change of a link that is to be told") from error


def _erased(image: Mapping[str, Any], before: Mapping[str, Any]) -> LinkErasedV1:
    """Tell whose link it was: after that, the row does not say."""
    link = from_item(image)
    data = LinkErasedData(short_code=link.id, user_id=owner_in(before), occurred_at=link.updated_at)
    return LinkErasedV1(id=f"{link.id}:erased", time=link.updated_at, data=data)
