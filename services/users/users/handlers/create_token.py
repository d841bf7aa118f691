"""POST /users/me/tokens: make an API token."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from hopcount_shared.http import NO_STORE, caller, create_api
from hopcount_shared.observability import count, instrument
from users import bootstrap
from users.schemas import CreateTokenBody, NewTokenView, new_token_view

api = create_api()


@api.post("/users/me/tokens")
def create_token(body: Annotated[CreateTokenBody, Body()]) -> Response[NewTokenView]:
    """Make an API token. Its text is in this answer and nowhere else."""
    who = caller(api)
    token, text = bootstrap.api_tokens().create_token(who.user_id, body.name, body.scopes, body.expires_at)
    count("ApiTokenCreated")
    return Response(201, "application/json", new_token_view(token, text), {**NO_STORE})


handler = instrument(api.resolve)
