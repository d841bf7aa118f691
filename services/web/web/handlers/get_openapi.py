"""GET /openapi.json: the API's description."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.http import create_api
from hopcount_shared.observability import instrument
from web import bootstrap
from web.answers import IfNoneMatch, file_answer, file_answers

api = create_api()

_EXCERPT = {"openapi": "3.1.0", "info": {"title": "Hopcount", "version": "1.0.0"}, "paths": {}}


@api.get(
    "/openapi.json",
    description="This document, for programs that generate clients, tests or pages from it.",
    responses=file_answers(
        "The document.", {"application/json": {"schema": {"type": "object", "examples": [_EXCERPT]}}}
    ),
    compress=True,
)
def get_openapi(if_none_match: IfNoneMatch = None) -> Response[str]:
    """Describe the API (OpenAPI 3.1)."""
    return file_answer(bootstrap.files().document(), if_none_match)


handler = instrument(api.resolve)
