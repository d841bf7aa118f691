"""`GET /figures`: how many clicks were counted here in all, where the operator shows that to anybody."""

from aws_lambda_powertools.event_handler import Response

from analytics import bootstrap
from analytics.schemas import Figures
from hopcount_shared.documented import answer
from hopcount_shared.errors import NotFoundError
from hopcount_shared.http import create_api
from hopcount_shared.observability import instrument

KEPT = 60
"""Seconds for which browsers and the CDN keep an answer, so that a much visited page costs little."""

api = create_api()


@api.get(
    "/figures",
    description="For everybody, where the operator switched it on (`publicFigures`); 404 elsewhere.",
    responses=answer(200, "The figures.", "Cache-Control"),
)
def get_figures() -> Response[Figures]:
    """Return what was counted in all."""
    read = bootstrap.public_figures()
    if read is None:
        raise NotFoundError("no figures are shown here")
    counted = read()
    headers: dict[str, str | list[str]] = {
        "Cache-Control": f"public, max-age={KEPT}",
        "X-Content-Type-Options": "nosniff",
    }
    body = Figures(clicks=counted.clicks, bot_clicks=counted.bot_clicks)
    return Response(200, "application/json", body, headers)


handler = instrument(api.resolve)
