"""What travels over HTTP: what the app tells of its use, and its OpenAPI schemas."""

from datetime import datetime
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hopcount_shared.fields import form, parse_moment
from web.domain.usage import (
    LONGEST_MILLISECONDS,
    MOST_EVENTS,
    ErrorKind,
    Name,
    Result,
    Screen,
    Used,
)

LONGEST_BODY = 16 * 1024
"""Bytes: several times what the most and longest events need."""

OptOut = Annotated[
    str | None,
    Header(
        alias="Sec-GPC",
        description="Global Privacy Control, which some browsers send: with `1` nothing is passed on.",
        examples=["0"],
    ),
]
DoNotTrack = Annotated[
    str | None,
    Header(alias="DNT", description="Its forerunner, Do Not Track: likewise.", examples=["0"]),
]

_EXAMPLE: dict[str, Any] = {
    "events": [
        {"name": "screen", "at": "2026-11-23T09:15:00Z", "screen": "links", "milliseconds": 1840},
        {"name": "link_created", "at": "2026-11-23T09:15:21Z", "result": "ok", "region": "eu-central-1"},
        {"name": "error", "at": "2026-11-23T09:16:02Z", "kind": "rate_limited"},
    ]
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AppEventBody(_Body):
    """Something that was done in the app: `screen` needs `screen`, and `error` needs `kind`."""

    name: Annotated[Name, form(description="What.")]
    at: Annotated[
        datetime,
        BeforeValidator(parse_moment, json_schema_input_type=str),
        form(
            description="When, with its zone: a day ago at most. Only the hour is passed on.",
            format="date-time",
        ),
    ]
    screen: Annotated[Screen | None, form(description="Which view.")] = None
    kind: Annotated[ErrorKind | None, form(description="Which kind of error.")] = None
    result: Annotated[Result | None, form(description="How it ended.")] = None
    region: Annotated[
        Annotated[str, Field(max_length=32, pattern=r"^[a-z]{2,4}(-[a-z]{1,12}){1,3}-[1-9]$")] | None,
        form(description="The AWS region that answered."),
    ] = None
    milliseconds: Annotated[
        Annotated[int, Field(ge=0, le=LONGEST_MILLISECONDS)] | None,
        form(description="How long it took: a `screen` until it could be used, an action until its answer."),
    ] = None

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.name == "screen" and self.screen is None:
            raise ValueError("a screen needs `screen`")
        if self.name == "error" and self.kind is None:
            raise ValueError("an error needs `kind`")
        return self

    def to_used(self) -> Used:
        """Say what was done."""
        return Used(**self.model_dump())


class UsageBody(_Body):
    """What was done in the app since it told last."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    events: Annotated[
        list[AppEventBody],
        Field(min_length=1, max_length=MOST_EVENTS),
        form(description="In no particular order. There is no field for who did it."),
    ]
