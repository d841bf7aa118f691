"""The event this service consumes, as far as it matters here (its publisher, redirect, owns the contract).

A tolerant reader: what it does not know is ignored, what it needs and cannot read is rejected.
"""

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from analytics.domain.clicks import Click, click_id
from analytics.domain.codes import SHORT_CODE_PATTERN
from hopcount_shared.errors import MessageRejectedError
from hopcount_shared.events import Envelope, EventData

MAX_SEQUENCE = 2**53 - 1
"""The largest number that every JSON reader keeps exact."""


class LinkClicked(EventData):
    """A visitor was sent on. Version 1; what was observed about the visitor is not read yet."""

    short_code: str = Field(pattern=SHORT_CODE_PATTERN)
    # `#` marks rows that are not users, for instance those of deleted links.
    user_id: str = Field(pattern=r"^[^#\s]{1,128}$")
    producer: str = Field(pattern=r"^[0-9A-Za-z]{22}$")
    sequence: int = Field(strict=True, ge=0, le=MAX_SEQUENCE)
    occurred_at: AwareDatetime


class _Kind(BaseModel):
    type: str
    version: int


def read_click(body: str) -> Click:
    """Read a queue message as a click.

    Parameters
    ----------
    body
        The message's body: an event envelope as JSON.

    Raises
    ------
    hopcount_shared.errors.MessageRejectedError
        If it is no click of a version known here, or not what its contract promises. The error says which
        fields are wrong and never what they hold.
    """
    try:
        kind = _Kind.model_validate_json(body)
        if (kind.type, kind.version) != ("LinkClicked", 1):
            raise MessageRejectedError("unknown event")
        envelope = Envelope[LinkClicked].model_validate_json(body)
    except ValidationError as error:
        raise MessageRejectedError(_describe(error)) from None
    data = envelope.data
    if envelope.id != click_id(data.producer, data.sequence):
        raise MessageRejectedError("malformed: id")
    return Click(
        short_code=data.short_code,
        user_id=data.user_id,
        producer=data.producer,
        sequence=data.sequence,
        occurred_at=data.occurred_at,
    )


def _describe(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "malformed: " + ", ".join(sorted({".".join(map(str, e["loc"])) or "JSON" for e in found}))
