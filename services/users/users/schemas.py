"""What travels over HTTP about API tokens: the request's body and the answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, cast, get_args

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from hopcount_shared.fields import form, parse_moment
from hopcount_shared.times import to_iso
from users.domain.api_token import SCOPES, ApiToken

Scope = Literal["links:read", "links:write", "stats:read"]
assert get_args(Scope) == SCOPES  # noqa: S101  a literal cannot be made of a variable


def _each_once(scopes: list[Scope]) -> list[Scope]:
    if len(set(scopes)) < len(scopes):
        raise ValueError("must name each scope once")
    return scopes


TokenId = Annotated[str, Path(description="The token's id.", examples=["uEy0d2nbTwIW"])]
Moment = Annotated[
    datetime,
    BeforeValidator(parse_moment, json_schema_input_type=str),
    form(description="When it ends, with its zone; left out: when it is revoked.", format="date-time"),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$"),
    form(description="What you call it, to know it again."),
]
Scopes = Annotated[
    list[Scope],
    Field(min_length=1),
    AfterValidator(_each_once),
    form(description="What it may do.", uniqueItems=True),
]
Written = Annotated[str, form(format="date-time")]
"""A time as it is shown."""

_EXAMPLE: dict[str, Any] = {
    "id": "uEy0d2nbTwIW",
    "name": "nightly build",
    "scopes": ["links:write"],
    "createdAt": "2026-11-22T15:26:58.123456Z",
    "expiresAt": "2099-01-31T12:00:00.000000Z",
    "lastUsedAt": "2026-11-23",
}


class CreateTokenBody(BaseModel):
    """What the token shall be."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        strict=True,
        frozen=True,
        json_schema_extra={
            "examples": [
                {"name": "nightly build", "scopes": ["links:write"], "expiresAt": "2099-01-31T12:00:00Z"}
            ]
        },
    )

    name: Name
    scopes: Scopes
    expires_at: Moment | None = None


class TokenView(BaseModel):
    """An API token, as its owner sees it ever after."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        frozen=True,
        json_schema_extra={"examples": [_EXAMPLE]},
    )

    id: str
    name: str
    scopes: Sequence[Scope]
    created_at: Written
    expires_at: Annotated[Written | None, Field(description="`null`: it ends when it is revoked.")]
    last_used_at: Annotated[
        str | None,
        Field(description="The day (UTC) of its last use.", json_schema_extra={"format": "date"}),
    ]


class NewTokenView(TokenView):
    """A new API token: the one answer that holds its text."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_EXAMPLE,
                    "lastUsedAt": None,
                    "token": "hc_uEy0d2nbTwIW_0000000000000000000000000000example",
                }
            ]
        }
    )

    token: Annotated[str, Field(description="Keep it: nobody can be shown it again.", repr=False)]


class TokenListView(BaseModel):
    """All live tokens of a user, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_EXAMPLE]}]})

    items: Sequence[TokenView]


def token_view(token: ApiToken) -> TokenView:
    """Show a token to its owner."""
    return TokenView(
        id=token.id,
        name=token.name,
        scopes=cast("Sequence[Scope]", token.scopes),
        created_at=to_iso(token.created_at),
        expires_at=to_iso(token.expires_at) if token.expires_at else None,
        last_used_at=token.last_used_on.isoformat() if token.last_used_on else None,
    )


def new_token_view(token: ApiToken, text: str) -> NewTokenView:
    """Show a new token to its owner, with its text."""
    return NewTokenView(**token_view(token).model_dump(), token=text)
