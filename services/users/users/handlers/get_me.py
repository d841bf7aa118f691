"""GET /users/me."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import instrument
from users import bootstrap

api = create_api()


class Me(BaseModel):
    """The caller and their totals."""

    model_config = ConfigDict(alias_generator=to_camel, from_attributes=True, validate_by_name=True)

    user_id: str
    email: str | None
    total_links: int
    total_clicks: int
    created_at: str | None


@api.get("/users/me")
def get_me() -> Me:
    """Tell the caller who they are and what they have."""
    who = caller(api, "links:read", "links:write", "stats:read")
    return Me.model_validate(bootstrap.profile().get_me(who.user_id, who.email))


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP API request."""
    return api.resolve(event, context)
