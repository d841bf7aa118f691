"""The events that this service publishes: its contracts."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, field_serializer

from hopcount_shared.events import Envelope, EventData
from hopcount_shared.times import to_iso

LinkEventType = Literal["LinkCreated", "LinkUpdated", "LinkDeleted", "LinkRestored"]


class LinkChangedData(EventData):
    """What happened to a link; the same in each of this service's events.

    Parameters
    ----------
    short_code
        The link's id.
    user_id
        Its owner.
    original_url
        Where it leads, after what happened.
    occurred_at
        When it happened, UTC.
    """

    short_code: str = Field(min_length=3, max_length=64)
    user_id: str = Field(min_length=1)
    original_url: str
    occurred_at: AwareDatetime

    @field_serializer("occurred_at")
    def _occurred_at(self, value: datetime) -> str:
        return to_iso(value)


class LinkCreatedV1(Envelope[LinkChangedData]):
    """A link was made. Its id is `<code>:<version>`, as of all of these."""

    type: Literal["LinkCreated"] = "LinkCreated"
    version: Literal[1] = 1
    source: Literal["hopcount.links"] = "hopcount.links"


class LinkUpdatedV1(Envelope[LinkChangedData]):
    """A link was changed by its owner."""

    type: Literal["LinkUpdated"] = "LinkUpdated"
    version: Literal[1] = 1
    source: Literal["hopcount.links"] = "hopcount.links"


class LinkDeletedV1(Envelope[LinkChangedData]):
    """A link was moved to its owner's trash."""

    type: Literal["LinkDeleted"] = "LinkDeleted"
    version: Literal[1] = 1
    source: Literal["hopcount.links"] = "hopcount.links"


class LinkRestoredV1(Envelope[LinkChangedData]):
    """A link came back from its owner's trash."""

    type: Literal["LinkRestored"] = "LinkRestored"
    version: Literal[1] = 1
    source: Literal["hopcount.links"] = "hopcount.links"


LinkEvent = LinkCreatedV1 | LinkUpdatedV1 | LinkDeletedV1 | LinkRestoredV1
