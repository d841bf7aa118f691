"""PATCH /urls/{id}: change one of the caller's links."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from hopcount_shared.documented import answer, refusals
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument
from links import bootstrap
from links.schemas import IfMatch, LinkId, LinkView, UpdateLinkBody, check_user_id, link_response

api = create_api()


@api.patch(
    "/urls/<link_id>",
    description="What the body leaves out stays. Without `If-Match` the last change wins, field by field.",
    responses=answer(200, "The link as it is now.", "ETag")
    | refusals({412: "The link was changed since it was read: read it again."}),
)
def update_link(
    link_id: LinkId, body: Annotated[UpdateLinkBody, Body()], if_match: IfMatch = None
) -> Response[LinkView]:
    """Change one of the caller's links; with `If-Match`, only that version of it."""
    who = caller(api, "links:write")
    check_user_id(body.user_id, who)
    link = bootstrap.links().update_link(link_id, who.user_id, body.to_changes(), if_match)
    count("LinkUpdated")
    return link_response(link, bootstrap.public_base_url())


handler = instrument(api.resolve)
