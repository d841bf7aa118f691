"""What travels over HTTP about API tokens: the request's body and the answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from hopcount_shared.times import from_iso, to_iso
from users.domain.api_token import SCOPES, ApiToken

Scope = Literal["links:read", "links:write", "stats:read"]
assert get_args(Scope) == SCOPES  # noqa: S101  a literal cannot be made of a variable


def _parse_moment(value: object) -> datetime:
    try:
        if isinstance(value, str):
            return from_iso(value)
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be an ISO 8601 time with its zone, for instance 2030-01-31T12:00:00Z")


def _each_once(scopes: list[Scope]) -> list[Scope]:
    if len(set(scopes)) < len(scopes):
        raise ValueError("must name each scope once")
    return scopes


Moment = Annotated[datetime, BeforeValidator(_parse_moment, json_schema_input_type=str)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$"),
]


class CreateTokenBody(BaseModel):
    """The body of `POST /users/me/tokens`."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True)

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1), AfterValidator(_each_once)]
    expires_at: Moment | None = None


class TokenView(BaseModel):
    """An API token, as its owner sees it ever after."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    id: str
    name: str
    scopes: Sequence[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class NewTokenView(TokenView):
    """A new API token: the one answer that holds its text."""

    token: str = Field(repr=False)


class TokenListView(BaseModel):
    """All live tokens of a user, newest first."""

    items: Sequence[TokenView]


def token_view(token: ApiToken) -> TokenView:
    """Show a token to its owner."""
    return TokenView(
        id=token.id,
        name=token.name,
        scopes=token.scopes,
        created_at=to_iso(token.created_at),
        expires_at=to_iso(token.expires_at) if token.expires_at else None,
        last_used_at=token.last_used_on.isoformat() if token.last_used_on else None,
    )


def new_token_view(token: ApiToken, text: str) -> NewTokenView:
    """Show a new token to its owner, with its text."""
    return NewTokenView(**token_view(token).model_dump(), token=text)
