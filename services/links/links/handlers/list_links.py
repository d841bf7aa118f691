"""GET /urls: list the caller's links, or their trash."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import instrument
from links import bootstrap
from links.schemas import LinkListView, check_user_id, page_view, parse_cursor

api = create_api()


@api.get("/urls")
def list_links(
    deleted: Annotated[bool, Query()] = False,  # noqa: FBT002  a query parameter
    q: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    user_id: Annotated[str | None, Query(alias="userId")] = None,
) -> LinkListView:
    """List the caller's links, newest first."""
    who = caller(api, "links:read")
    check_user_id(user_id, who)
    page = bootstrap.links().list_links(
        who.user_id, deleted=deleted, text=q or None, limit=limit, after=parse_cursor(cursor)
    )
    return page_view(page, bootstrap.public_base_url())


handler = instrument(api.resolve)
