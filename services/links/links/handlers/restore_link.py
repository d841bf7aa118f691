"""POST /urls/{id}/restore: take one of the caller's links out of their trash."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument
from links import bootstrap
from links.schemas import LinkView, link_response

api = create_api()


@api.post("/urls/<link_id>/restore")
def restore_link(link_id: str) -> Response[LinkView]:
    """Take one of the caller's links out of their trash."""
    link = bootstrap.links().restore_link(link_id, caller(api, "links:write").user_id)
    count("LinkRestored")
    return link_response(link, bootstrap.public_base_url())


handler = instrument(api.resolve)
