"""POST /urls/{id}/restore: take one of the caller's links out of their trash."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.documented import answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument
from links import bootstrap
from links.schemas import LinkId, LinkView, link_response

api = create_api()


@api.post(
    "/urls/<link_id>/restore",
    description="It leads again to where it did. One that is not in the trash is not found here.",
    responses=answer(200, "The link.", "ETag"),
)
def restore_link(link_id: LinkId) -> Response[LinkView]:
    """Take one of the caller's links out of their trash."""
    link = bootstrap.links().restore_link(link_id, caller(api, "links:write").user_id)
    count("LinkRestored")
    return link_response(link, bootstrap.public_base_url())


handler = instrument(api.resolve)
