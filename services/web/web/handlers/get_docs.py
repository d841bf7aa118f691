"""GET /docs: the page that shows the API's description."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.http import create_api
from hopcount_shared.observability import instrument
from web import bootstrap
from web.answers import IfNoneMatch, file_answer, file_answers

api = create_api()

CONTENT_SECURITY_POLICY = (
    # Pictures: Swagger UI draws its icons from its style sheet, as `data:`.
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@api.get(
    "/docs",
    description="To read about each request and to try it. The page loads nothing from another host.",
    responses=file_answers(
        "The page.", {"text/html": {"schema": {"type": "string", "examples": ["<!doctype html>..."]}}}
    ),
)
def get_docs(if_none_match: IfNoneMatch = None) -> Response[str]:
    """Show the API's description to people."""
    policy = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
    return file_answer(bootstrap.files().page(), if_none_match, policy)


handler = instrument(api.resolve)
