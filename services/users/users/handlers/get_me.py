"""GET /users/me."""

from typing import Annotated, Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from hopcount_shared.documented import answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import instrument
from users import bootstrap

api = create_api()


class Me(BaseModel):
    """The caller and their totals."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        from_attributes=True,
        validate_by_name=True,
        json_schema_extra={
            "examples": [
                {
                    "userId": "8711a496-4bc3-451c-bb51-8e5045affc35",
                    "email": "ada@example.com",
                    "totalLinks": 12,
                    "totalClicks": 4711,
                    "createdAt": "2026-11-22T15:26:58.123456Z",
                }
            ]
        },
    )

    user_id: str
    email: Annotated[str | None, Field(description="`null` if nobody told it yet.")]
    total_links: Annotated[int, Field(description="Links that are not deleted.", ge=0)]
    total_clicks: Annotated[int, Field(description="Clicks of people on all links that they ever had.")]
    created_at: Annotated[
        str | None,
        Field(description="`null` if unknown.", json_schema_extra={"format": "date-time"}),
    ]


@api.get(
    "/users/me",
    description="What is counted a moment ago may not be in the totals yet.",
    responses=answer(200, "The caller and their totals."),
)
def get_me() -> Me:
    """Tell the caller who they are and what they have."""
    who = caller(api, "links:read", "links:write", "stats:read")
    return Me.model_validate(bootstrap.profile().get_me(who.user_id, who.email))


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP API request."""
    return api.resolve(event, context)
