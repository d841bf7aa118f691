"""GET /users/me/tokens: list the caller's API tokens."""

from hopcount_shared.documented import answer, refusals
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import instrument
from users import bootstrap
from users.schemas import TokenListView, token_view

api = create_api()


@api.get(
    "/users/me/tokens",
    description="Those that are neither expired nor revoked, newest first, without what would let anybody "
    "use them.",
    responses=answer(200, "The tokens.")
    | refusals({403: "The account is disabled.", 410: "The account was deleted."}),
)
def list_tokens() -> TokenListView:
    """List the caller's API tokens."""
    tokens = bootstrap.api_tokens().list_tokens(caller(api).user_id)
    return TokenListView(items=[token_view(token) for token in tokens])


handler = instrument(api.resolve)
