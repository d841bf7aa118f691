"""GET /urls/export: the caller's links as rows, page by page."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from hopcount_shared.documented import answer
from hopcount_shared.http import NO_STORE, caller, create_api
from hopcount_shared.observability import count, instrument
from links import bootstrap
from links.export import CONTENT, CONTENT_TYPES, ExportFormat, write_rows
from links.schemas import Cursor, parse_cursor

MAX_ROWS = 1_000

api = create_api()


@api.get(
    "/urls/export",
    description="A row is what `POST /urls/bulk` takes back, `id` as `alias` and `totalClicks` as "
    "`importedClicks`. Go on with the address in the header `Link` while there is one.",
    responses=answer(200, "A page of rows.", "Link", content=CONTENT),
)
def export_links(
    rows: Annotated[
        Literal["jsonl", "csv"], Query(alias="format", description="How rows are written.")
    ] = "jsonl",
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS, description="Rows of a page.", examples=[100])] = MAX_ROWS,
    cursor: Cursor = None,
) -> Response[str]:
    """Return a page of the caller's live links, newest first; the header `Link` leads to the next."""
    export_format = ExportFormat(rows)
    owner = caller(api, "links:read").user_id
    page = bootstrap.links().list_links(
        owner, deleted=False, text=None, limit=limit, after=parse_cursor(cursor)
    )
    count("LinksExported", len(page.links))
    headers: dict[str, str | list[str]] = {**NO_STORE, "X-Content-Type-Options": "nosniff"}
    if page.next:
        query = {"format": export_format.value, "limit": limit, "cursor": page.next.to_cursor()}
        headers["Link"] = f'<{api.current_event.path}?{urlencode(query)}>; rel="next"'
    text = write_rows(page.links, export_format, first=cursor is None)
    return Response(200, CONTENT_TYPES[export_format], text, headers)


handler = instrument(api.resolve)
