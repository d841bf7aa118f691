"""GET /.well-known/hopcount.json: what a program needs to know before it can sign in."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.documented import answer
from hopcount_shared.http import create_api
from hopcount_shared.observability import instrument
from web import bootstrap
from web.answers import CACHE_CONTROL
from web.service import Service

api = create_api()


@api.get(
    "/.well-known/hopcount.json",
    description="Nothing in it is secret: a program that knows the address finds out the rest.",
    responses=answer(200, "The deployment.", "Cache-Control"),
)
def get_service() -> Response[Service]:
    """Say what is deployed here and where to sign in."""
    headers: dict[str, str | list[str]] = {
        "Cache-Control": CACHE_CONTROL,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(200, "application/json", bootstrap.service(), headers)


handler = instrument(api.resolve)
