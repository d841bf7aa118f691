"""GET /users/me/tokens: list the caller's API tokens."""

from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import instrument
from users import bootstrap
from users.schemas import TokenListView, token_view

api = create_api()


@api.get("/users/me/tokens")
def list_tokens() -> TokenListView:
    """List the caller's live API tokens, newest first, without what would let anybody use them."""
    tokens = bootstrap.api_tokens().list_tokens(caller(api).user_id)
    return TokenListView(items=[token_view(token) for token in tokens])


handler = instrument(api.resolve)
