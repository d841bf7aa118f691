"""The events that this service publishes: its contracts."""

from typing import Literal

from pydantic import Field

from hopcount_shared.events import Envelope, EventData, Moment


class LinkChangedData(EventData):
    """What an owner did to a link; the same in each of the events that tell of it.

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

    short_code: str = Field(min_length=1, max_length=64)
    user_id: str = Field(min_length=1)
    original_url: str
    occurred_at: Moment


class _LinkEventV1(Envelope[LinkChangedData]):
    """What all of them share. The id is `<code>:<version>`."""

    version: Literal[1] = 1
    source: Literal["hopcount.links"] = "hopcount.links"


class LinkCreatedV1(_LinkEventV1):
    """A link was made."""

    type: Literal["LinkCreated"] = "LinkCreated"


class LinkUpdatedV1(_LinkEventV1):
    """A link was changed by its owner."""

    type: Literal["LinkUpdated"] = "LinkUpdated"


class LinkDeletedV1(_LinkEventV1):
    """A link was moved to its owner's trash."""

    type: Literal["LinkDeleted"] = "LinkDeleted"


class LinkRestoredV1(_LinkEventV1):
    """A link came back from its owner's trash."""

    type: Literal["LinkRestored"] = "LinkRestored"


class LinkErasedData(EventData):
    """What was forgotten.

    Parameters
    ----------
    short_code
        The link's id, which nobody gets again.
    user_id
        Who owned it.
    occurred_at
        When it was erased, UTC.
    """

    short_code: str = Field(min_length=1, max_length=64)
    user_id: str = Field(min_length=1)
    occurred_at: Moment


class LinkErasedV1(Envelope[LinkErasedData]):
    """A link was erased with its owner's account. The id is `<code>:erased`: it happens once."""

    type: Literal["LinkErased"] = "LinkErased"
    version: Literal[1] = 1
    source: Literal["hopcount.links"] = "hopcount.links"


LinkEvent = LinkCreatedV1 | LinkUpdatedV1 | LinkDeletedV1 | LinkRestoredV1 | LinkErasedV1
