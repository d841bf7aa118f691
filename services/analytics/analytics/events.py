"""The events this service consumes, as far as they matter here (each publisher owns its contract).

A tolerant reader: what it does not know is ignored, what identifies and places a click is required, and what
was observed about the visitor may be missing, or nonsense. Each version ever published stays understood.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    with_config,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from analytics.domain.clicks import Click, click_id
from analytics.domain.codes import SHORT_CODE_PATTERN
from analytics.domain.erasures import Erasure
from analytics.domain.visitors import classify
from hopcount_shared.errors import MessageRejectedError

MAX_SEQUENCE = 2**53 - 1
"""The largest number that every JSON reader keeps exact."""


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("no such moment in UTC") from None


Utc = Annotated[AwareDatetime, AfterValidator(_to_utc)]
ShortCode = Annotated[str, Field(pattern=SHORT_CODE_PATTERN)]
UserId = Annotated[str, Field(pattern=r"^[^#\s]{1,128}$")]
"""`#` marks rows that are not users, for instance those of deleted links."""

_camel = with_config(ConfigDict(alias_generator=to_camel))


# Typed dicts, because pydantic makes one in a third of the time that a model takes.
@_camel
class _Clicked(TypedDict):
    short_code: ShortCode
    user_id: UserId
    producer: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{22}$")]
    sequence: Annotated[int, Field(strict=True, ge=0, le=MAX_SEQUENCE)]
    occurred_at: Utc
    country: NotRequired[Any]
    user_agent: NotRequired[Any]
    referrer_host: NotRequired[Any]
    language: NotRequired[Any]


class _LinkClicked(TypedDict):
    id: str
    type: Literal["LinkClicked"]
    version: Literal[1]
    data: _Clicked


@_camel
class _OfLink(TypedDict):
    short_code: ShortCode


class _LinkErased(TypedDict):
    data: _OfLink


@_camel
class _OfUser(TypedDict):
    user_id: UserId


class _UserDeleted(TypedDict):
    data: _OfUser


class _Kind(BaseModel):
    type: str
    version: Annotated[int, Field(strict=True)]


_KIND = TypeAdapter(_Kind).validator
_LINK_CLICKED = TypeAdapter(_LinkClicked).validator
_LINK_ERASED = TypeAdapter(_LinkErased).validator
_USER_DELETED = TypeAdapter(_UserDeleted).validator


def read_message(body: str) -> Click | Erasure:
    """Read a queue message: a click, classified, or something to be forgotten.

    Parameters
    ----------
    body
        The message's body: an event envelope as JSON.

    Raises
    ------
    hopcount_shared.errors.MessageRejectedError
        If it is no event of a version known here, or not what its contract promises. The error says which
        fields are wrong and never what they hold.
    """
    try:
        # Nearly every message is one of these: it is parsed once.
        return _read_link_clicked(body)
    except ValidationError:
        pass
    try:
        kind: _Kind = _KIND.validate_json(body)
        read = READERS.get((kind.type, kind.version))
        if read is None:
            raise MessageRejectedError("unknown event")
        return read(body)
    except ValidationError as error:
        raise MessageRejectedError(_describe(error)) from None


def _read_link_clicked(body: str) -> Click:
    event: _LinkClicked = _LINK_CLICKED.validate_json(body)
    data = event["data"]
    if event["id"] != click_id(data["producer"], data["sequence"]):
        raise MessageRejectedError("malformed: id")
    return Click(
        data["short_code"],
        data["user_id"],
        data["producer"],
        data["sequence"],
        data["occurred_at"],
        classify(
            _text(data.get("user_agent")),
            _text(data.get("country")),
            _text(data.get("referrer_host")),
            _text(data.get("language")),
        ),
    )


def _read_link_erased(body: str) -> Erasure:
    event: _LinkErased = _LINK_ERASED.validate_json(body)
    return Erasure("link", event["data"]["short_code"])


def _read_user_deleted(body: str) -> Erasure:
    event: _UserDeleted = _USER_DELETED.validate_json(body)
    return Erasure("user", event["data"]["user_id"])


READERS: Mapping[tuple[str, int], Callable[[str], Click | Erasure]] = {
    ("LinkClicked", 1): _read_link_clicked,
    ("LinkErased", 1): _read_link_erased,
    ("UserDeleted", 1): _read_user_deleted,
}
"""Who reads which version of which event. None is ever taken out: the archive still holds them."""


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _describe(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "malformed: " + ", ".join(sorted({".".join(map(str, e["loc"])) or "JSON" for e in found}))
