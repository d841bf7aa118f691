"""POST /events: how the app is used, told by the app itself, by nobody in particular."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from hopcount_shared.documented import answer
from hopcount_shared.http import create_api
from hopcount_shared.observability import count, instrument
from web import bootstrap
from web.schemas import LONGEST_BODY, DoNotTrack, OptOut, UsageBody

api = create_api(longest_body=LONGEST_BODY)


@api.post(
    "/events",
    description="For the web app, which tells what is done in it so that operators see how it fares. No "
    "token and no identifier; neither the address nor any header but the two below is read. There is a "
    "limit for all senders together: at 429 drop what you wanted to tell.",
    responses=answer(202, "It will be counted.", content={})
    | answer(204, "You asked not to be counted: nothing was passed on.", content={}),
)
def collect_events(
    body: Annotated[UsageBody, Body()], sec_gpc: OptOut = None, dnt: DoNotTrack = None
) -> Response[str]:
    """Tell how the app is used."""
    if "1" in {sec_gpc, dnt}:
        return Response(204, body="")
    bootstrap.usage_collector().collect([event.to_used() for event in body.events])
    count("UsageCollected")
    return Response(202, body="")


handler = instrument(api.resolve)
