"""POST /users/me/tokens: make an API token."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from hopcount_shared.documented import answer, refusals
from hopcount_shared.http import NO_STORE, caller, create_api
from hopcount_shared.observability import count, instrument
from users import bootstrap
from users.schemas import CreateTokenBody, NewTokenView, new_token_view

api = create_api()


@api.post(
    "/users/me/tokens",
    description="For programs: sent as `Authorization: Bearer hc_...` or `X-Api-Key: hc_...` to the paths "
    "behind `/v1`. Its text is in this answer and nowhere else. You may have 25 at once.",
    responses=answer(201, "The token, with its text.", "Cache-Control")
    | refusals(
        {
            403: "The account is disabled.",
            409: "You have 25 tokens: revoke one first.",
            410: "The account was deleted.",
        }
    ),
)
def create_token(body: Annotated[CreateTokenBody, Body()]) -> Response[NewTokenView]:
    """Make an API token."""
    who = caller(api)
    token, text = bootstrap.api_tokens().create_token(who.user_id, body.name, body.scopes, body.expires_at)
    count("ApiTokenCreated")
    return Response(201, "application/json", new_token_view(token, text), {**NO_STORE})


handler = instrument(api.resolve)
