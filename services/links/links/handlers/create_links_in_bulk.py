"""POST /urls/bulk: make many links."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from hopcount_shared.documented import answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument
from links import bootstrap
from links.bulk_schemas import BulkView, CreateLinksBody, bulk_response, read_row
from links.schemas import IdempotencyKey

api = create_api()


@api.post(
    "/urls/bulk",
    description="Up to 500 rows, each like the body of `POST /urls`. A bad row fails alone, and its result "
    "says why. A row that brings `createdAt` or `importedClicks` was a link elsewhere: it keeps its code. "
    "What is there already, with the same target, is not made twice.",
    responses=answer(200, "What became of each row, in their order."),
)
def create_links_in_bulk(
    body: Annotated[CreateLinksBody, Body()], idempotency_key: IdempotencyKey = None
) -> Response[BulkView]:
    """Make many links; each row is answered for itself, and with an `Idempotency-Key` made once."""
    who = caller(api, "links:write")
    rows = [read_row(row, who) for row in body.links]
    creator = bootstrap.bulk_creator(api.lambda_context)
    results = creator.create_links(who.user_id, rows, idempotency_key)
    count("LinkCreated", sum(result.status == "created" for result in results))
    return bulk_response(results, bootstrap.public_base_url())


handler = instrument(api.resolve)
