"""What travels over HTTP: request bodies and answers, and their OpenAPI schemas."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from hopcount_shared.errors import FieldError, ForbiddenError, InvalidInputError
from hopcount_shared.http import NO_STORE, Caller
from hopcount_shared.times import from_iso, to_iso
from links.domain.codes import check_alias
from links.domain.link import DEFAULT_REDIRECT_STATUS, Link, LinkChanges, Page, Position
from links.domain.targets import parse_target
from links.service import NewLink


def _parse_moment(value: object) -> datetime:
    try:
        if isinstance(value, str):
            return from_iso(value)
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be an ISO 8601 time with its zone, for instance 2030-01-31T12:00:00Z")


Target = Annotated[str, AfterValidator(parse_target)]
Alias = Annotated[str, AfterValidator(check_alias)]
Moment = Annotated[datetime, BeforeValidator(_parse_moment, json_schema_input_type=str)]
RedirectStatus = Literal[301, 302, 307, 308]
MaxAge = Annotated[int, Field(ge=0, le=31_536_000)]

IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=1_000)]


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True)

    user_id: str | None = None
    """The blueprint's clients send it: ignored if it is the caller's own, refused if not."""


class CreateLinkBody(_Body):
    """The body of `POST /urls`."""

    original_url: Target
    alias: Alias | None = None
    expires_at: Moment | None = None
    redirect_status: RedirectStatus | None = None
    max_age: MaxAge | None = None
    pass_query: bool | None = None

    def to_new_link(self, owner: str) -> NewLink:
        """Say what link this asks for."""
        # `false` is what every link is by itself, and so the same wish as saying nothing.
        unsaid = {"user_id"} if self.pass_query else {"user_id", "pass_query"}
        wish = self.model_dump(mode="json", exclude=unsaid)
        return NewLink(
            owner=owner,
            content=json.dumps(wish, sort_keys=True),
            original_url=self.original_url,
            alias=self.alias,
            expires_at=self.expires_at,
            redirect_status=self.redirect_status,
            max_age=self.max_age,
            pass_query=bool(self.pass_query),
        )


class UpdateLinkBody(_Body):
    """The body of `PATCH /urls/{id}`: at least one field; `null` clears `expiresAt` and `maxAge`."""

    original_url: Target = ""
    expires_at: Moment | None = None
    redirect_status: RedirectStatus = 301
    max_age: MaxAge | None = None
    pass_query: bool = False

    @model_validator(mode="after")
    def _something(self) -> "UpdateLinkBody":
        if not self.model_fields_set - {"user_id"}:
            raise ValueError("must hold at least one field to change")
        return self

    def to_changes(self) -> LinkChanges:
        """Say what this changes."""
        return cast("LinkChanges", self.model_dump(exclude={"user_id"}, exclude_unset=True))


class LinkView(BaseModel):
    """A link, as its owner sees it."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    id: str
    short_url: str
    original_url: str
    clicks: int
    bot_clicks: int
    created_at: str
    updated_at: str
    expires_at: str | None
    redirect_status: RedirectStatus
    max_age: int | None
    pass_query: bool


class DeletedLinkView(LinkView):
    """A link in its owner's trash."""

    deleted_at: str


class LinkListView(BaseModel):
    """A page of links, newest first."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    items: Sequence[DeletedLinkView | LinkView]
    next_cursor: str | None


def link_view(link: Link, base_url: str) -> LinkView:
    """Show a link to its owner."""
    fields: dict[str, Any] = {
        "id": link.id,
        "short_url": f"{base_url}/{link.id}",
        "original_url": link.original_url,
        "clicks": link.clicks,
        "bot_clicks": link.bot_clicks,
        "created_at": to_iso(link.created_at),
        "updated_at": to_iso(link.updated_at),
        "expires_at": to_iso(link.expires_at) if link.expires_at else None,
        "redirect_status": link.redirect_status or DEFAULT_REDIRECT_STATUS,
        "max_age": link.max_age,
        "pass_query": link.pass_query,
    }
    if link.deleted_at is None:
        return LinkView(**fields)
    return DeletedLinkView(**fields, deleted_at=to_iso(link.deleted_at))


def page_view(page: Page, base_url: str) -> LinkListView:
    """Show a page of links to their owner."""
    return LinkListView(
        items=[link_view(link, base_url) for link in page.links],
        next_cursor=page.next.to_cursor() if page.next else None,
    )


def link_response(link: Link, base_url: str, status: int = 200) -> Response[LinkView]:
    """Answer with one link and its entity tag; a new one also says where it is."""
    headers: dict[str, str | list[str]] = {**NO_STORE, "ETag": link.etag}
    if status == 201:
        headers["Location"] = f"/urls/{link.id}"
    return Response(status, "application/json", link_view(link, base_url), headers)


def check_user_id(user_id: str | None, who: Caller) -> None:
    """Refuse a request that names somebody else as the owner."""
    if user_id is not None and user_id != who.user_id:
        raise ForbiddenError("userId is not yours; leave it out")


def parse_cursor(cursor: str | None) -> Position | None:
    """Read the query parameter `cursor`."""
    try:
        return None if cursor is None else Position.from_cursor(cursor)
    except ValueError as error:
        raise InvalidInputError([FieldError("cursor", str(error))]) from None
