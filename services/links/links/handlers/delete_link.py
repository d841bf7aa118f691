"""DELETE /urls/{id}: move one of the caller's links to their trash."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.documented import answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument
from links import bootstrap
from links.schemas import LinkId

api = create_api()


@api.delete(
    "/urls/<link_id>",
    description="It answers 410 from then on, keeps its counts and its name, and can be restored.",
    responses=answer(204, "It is in the trash.", content={}),
)
def delete_link(link_id: LinkId) -> Response[str]:
    """Move one of the caller's links to their trash."""
    bootstrap.links().delete_link(link_id, caller(api, "links:write").user_id)
    count("LinkDeleted")
    return Response(204, body="")


handler = instrument(api.resolve)
