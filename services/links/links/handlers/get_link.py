"""GET /urls/{id}: show one of the caller's links."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.documented import answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import instrument
from links import bootstrap
from links.schemas import LinkId, LinkView, link_response

api = create_api()


@api.get(
    "/urls/<link_id>",
    description="One that is in the trash is not found here.",
    responses=answer(200, "The link.", "ETag"),
)
def get_link(link_id: LinkId) -> Response[LinkView]:
    """Show one of the caller's links."""
    link = bootstrap.links().get_link(link_id, caller(api, "links:read").user_id)
    return link_response(link, bootstrap.public_base_url())


handler = instrument(api.resolve)
