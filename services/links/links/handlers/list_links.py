"""GET /urls: list the caller's links, or their trash."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from hopcount_shared.documented import answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import instrument
from links import bootstrap
from links.schemas import Cursor, LinkListView, check_user_id, page_view, parse_cursor

api = create_api()


@api.get(
    "/urls",
    description="Page by page: send `nextCursor` as `cursor` until it is `null`. A search may give a page "
    "that is not full, or empty, and still a next one.",
    responses=answer(200, "A page of links, newest first."),
)
def list_links(
    deleted: Annotated[bool, Query(description="The trash instead.")] = False,  # noqa: FBT002  a query parameter
    q: Annotated[
        str | None,
        Query(
            max_length=100,
            description="Only links whose code or target holds this text.",
            examples=["python"],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="At most so many.")] = 25,
    cursor: Cursor = None,
    user_id: Annotated[
        str | None,
        Query(
            alias="userId",
            description="Yours, or leave it out: another one is refused.",
            examples=["8711a496-4bc3-451c-bb51-8e5045affc35"],
        ),
    ] = None,
) -> LinkListView:
    """List the caller's links, newest first."""
    who = caller(api, "links:read")
    check_user_id(user_id, who)
    page = bootstrap.links().list_links(
        who.user_id, deleted=deleted, text=q or None, limit=limit, after=parse_cursor(cursor)
    )
    return page_view(page, bootstrap.public_base_url())


handler = instrument(api.resolve)
