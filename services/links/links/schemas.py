"""What travels over HTTP: request bodies and answers, and their OpenAPI schemas."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from hopcount_shared.errors import FieldError, ForbiddenError, InvalidInputError
from hopcount_shared.fields import form, parse_moment
from hopcount_shared.http import NO_STORE, Caller
from hopcount_shared.times import to_iso
from links.domain.codes import check_alias
from links.domain.link import DEFAULT_REDIRECT_STATUS, Link, LinkChanges, Page, Position
from links.domain.targets import MAX_LENGTH, parse_target
from links.service import NewLink

Target = Annotated[
    str,
    AfterValidator(parse_target),
    form(
        description="Where the link leads: an absolute http or https URL without user name and password.",
        maxLength=MAX_LENGTH,
        pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#@\\]+([/?#][^\s\\]*)?$",
    ),
]
Alias = Annotated[
    str,
    AfterValidator(check_alias),
    form(
        description="The name to give it. Some words are reserved, and a name is never given twice.",
        pattern="^[A-Za-z0-9_-]{3,64}$",
    ),
]
Moment = Annotated[
    datetime,
    BeforeValidator(parse_moment, json_schema_input_type=str),
    form(description="When it ends, with its zone: from then on it answers 410.", format="date-time"),
]
RedirectStatus = Annotated[
    Literal[301, 302, 307, 308], form(description="The status with which visitors are sent on.")
]
MaxAge = Annotated[
    int,
    Field(ge=0, le=31_536_000),
    form(description="For how many seconds caches may remember it; clicks from a cache are not counted."),
]
PassQuery = Annotated[bool, form(description="Whether the visitor's query is handed on to the target.")]
Written = Annotated[str, form(format="date-time")]
"""A time as it is shown."""

LinkId = Annotated[str, Path(description="The link's code or alias.", examples=["py-docs"])]
Cursor = Annotated[
    str | None,
    Query(
        max_length=300,
        description="Where the page before ended, as it said.",
        examples=["WyIyMDI2LTExLTIyVDE1OjI2OjU4LjEyMzQ1NloiLCJkb2NzIl0"],
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text of your choice: a request that is repeated with it makes no second link.",
        examples=["3f1b6c1e-order-4711"],
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1_000,
        description="An `ETag`: change the link only if it is still that version of it.",
        examples=["*"],
    ),
]


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True)

    user_id: Annotated[str | None, form(description="Yours, or leave it out: another one is refused.")] = (
        None  # the blueprint's clients send it
    )


class CreateLinkBody(_Body):
    """What the link shall be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "originalUrl": "https://www.python.org/about/",
                    "alias": "python-about",
                    "expiresAt": "2099-01-31T12:00:00Z",
                    "redirectStatus": 302,
                }
            ]
        }
    )

    original_url: Target
    alias: Alias | None = None
    expires_at: Moment | None = None
    redirect_status: RedirectStatus | None = None
    max_age: MaxAge | None = None
    pass_query: PassQuery | None = None

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


def _changes_only(schema: dict[str, Any]) -> None:
    """Say that what is left out stays: the defaults of the fields are never used."""
    for field in schema["properties"].values():
        field.pop("default", None)
    schema["minProperties"] = 1
    schema["examples"] = [{"originalUrl": "https://docs.python.org/3/", "maxAge": 3600, "expiresAt": None}]


class UpdateLinkBody(_Body):
    """What to change: at least one field; `null` clears `expiresAt` and `maxAge`."""

    model_config = ConfigDict(json_schema_extra=_changes_only)

    original_url: Target = ""
    expires_at: Moment | None = None
    redirect_status: RedirectStatus = 301
    max_age: MaxAge | None = None
    pass_query: PassQuery = False

    @model_validator(mode="after")
    def _something(self) -> "UpdateLinkBody":
        if not self.model_fields_set - {"user_id"}:
            raise ValueError("must hold at least one field to change")
        return self

    def to_changes(self) -> LinkChanges:
        """Say what this changes."""
        return cast("LinkChanges", self.model_dump(exclude={"user_id"}, exclude_unset=True))


LINK_EXAMPLE: dict[str, Any] = {
    "id": "py-docs",
    "shortUrl": "https://sho.rt/py-docs",
    "originalUrl": "https://docs.python.org/3/",
    "clicks": 42,
    "botClicks": 3,
    "createdAt": "2026-11-22T15:26:58.123456Z",
    "updatedAt": "2026-11-22T15:26:58.123456Z",
    "expiresAt": None,
    "redirectStatus": 301,
    "maxAge": None,
    "passQuery": False,
    "importedClicks": 0,
    "disabledAt": None,
    "disabledReason": None,
}


class LinkView(BaseModel):
    """A link, as its owner sees it."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        frozen=True,
        json_schema_extra={"examples": [LINK_EXAMPLE]},
    )

    id: Annotated[str, form(description="The link's code or alias.")]
    short_url: Annotated[str, form(description="What visitors follow.", format="uri")]
    original_url: Annotated[str, form(description="Where they are sent.")]
    clicks: Annotated[int, form(description="How often people followed it.")]
    bot_clicks: Annotated[int, form(description="How often machines did: crawlers, previews, monitors.")]
    created_at: Written
    updated_at: Written
    expires_at: Written | None
    redirect_status: RedirectStatus
    max_age: int | None
    pass_query: PassQuery
    imported_clicks: Annotated[
        int, form(description="What another shortener had counted before; never part of `clicks`.")
    ]
    disabled_at: Annotated[Written | None, form(description="Since when an operator keeps visitors away.")]
    disabled_reason: Annotated[str | None, form(description="Why they do.")]


class DeletedLinkView(LinkView):
    """A link in its owner's trash."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**LINK_EXAMPLE, "deletedAt": "2026-11-23T08:00:00.000000Z"}]}
    )

    deleted_at: Written


class LinkListView(BaseModel):
    """A page of links, newest first."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        frozen=True,
        json_schema_extra={"examples": [{"items": [LINK_EXAMPLE], "nextCursor": None}]},
    )

    items: Sequence[DeletedLinkView | LinkView]
    next_cursor: Annotated[
        str | None, form(description="Send it as `cursor` for the next page; `null` on the last one.")
    ]


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
        "imported_clicks": link.imported_clicks,
        "disabled_at": to_iso(link.disabled_at) if link.disabled_at else None,
        "disabled_reason": link.disabled_reason,
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
