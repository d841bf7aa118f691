"""DELETE /users/me/tokens/{id}: revoke one of the caller's API tokens."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.documented import answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument
from users import bootstrap
from users.schemas import TokenId

api = create_api()


@api.delete(
    "/users/me/tokens/<token_id>",
    description="It is refused everywhere within a minute.",
    responses=answer(204, "It is revoked.", content={}),
)
def delete_token(token_id: TokenId) -> Response[str]:
    """Revoke one of the caller's API tokens."""
    bootstrap.api_tokens().delete_token(token_id, caller(api).user_id)
    count("ApiTokenRevoked")
    return Response(204, body="")


handler = instrument(api.resolve)
