"""GET /docs/assets/{file}: what the page at /docs loads."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from hopcount_shared.errors import NotFoundError
from hopcount_shared.http import create_api
from hopcount_shared.observability import instrument
from web import bootstrap
from web.answers import IfNoneMatch, file_answer, file_answers

api = create_api()

_CONTENT = {
    "text/css": {"schema": {"type": "string", "examples": ["body{margin:0}"]}},
    "text/javascript": {"schema": {"type": "string", "examples": ["SwaggerUIBundle({})"]}},
    "text/plain": {"schema": {"type": "string", "examples": ["Apache License"]}},
}


@api.get(
    "/docs/assets/<file>",
    description="Style sheets and scripts, which the page names.",
    responses=file_answers("The file.", _CONTENT),
    compress=True,
)
def get_docs_asset(
    file: Annotated[str, Path(description="Its name.", examples=["docs.css"])],
    if_none_match: IfNoneMatch = None,
) -> Response[str]:
    """Send what the page at `/docs` loads."""
    found = bootstrap.files().asset(file)
    if found is None:
        raise NotFoundError("no such file")
    return file_answer(found, if_none_match)


handler = instrument(api.resolve)
