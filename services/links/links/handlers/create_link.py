"""POST /urls: make a link."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from hopcount_shared.documented import answer, refusals
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument
from links import bootstrap
from links.schemas import CreateLinkBody, IdempotencyKey, LinkView, check_user_id, link_response

api = create_api()


@api.post(
    "/urls",
    description="Without an `alias` the link gets seven random characters. Each user may make so many in a "
    "while.",
    responses=answer(201, "The link.", "ETag", "Location")
    | refusals(
        {
            409: "The alias is taken, or a request with this `Idempotency-Key` is being worked on.",
            429: "You made too many links, or the API is asked too much.",
        }
    ),
)
def create_link(
    body: Annotated[CreateLinkBody, Body()], idempotency_key: IdempotencyKey = None
) -> Response[LinkView]:
    """Make a link; with an `Idempotency-Key`, once."""
    who = caller(api, "links:write")
    check_user_id(body.user_id, who)
    creator = bootstrap.link_creator(api.lambda_context)
    link = creator.create_link(
        body.to_new_link(who.user_id), idempotency_key, on_created=lambda _: count("LinkCreated")
    )
    return link_response(link, bootstrap.public_base_url(), status=201)


handler = instrument(api.resolve)
