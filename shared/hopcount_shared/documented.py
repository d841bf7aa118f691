"""What a route says of its answers, for the OpenAPI document (`tools/openapi`), beside the route itself.

::

    @api.post("/urls", description="...", responses=answer(201, "The link.", "ETag") | refusals({409: "..."}))

What is true of every route of a kind (401, 403, 422, 429, 503 ...) the document adds by itself.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse, OpenAPIResponseHeader

Responses = dict[int, OpenAPIResponse]

PROBLEM_CONTENT: dict[str, Any] = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}

_HEADERS: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "Cache-Control": ("For how long the answer may be kept.", {"type": "string"}, "no-store"),
    "Content-Disposition": (
        "What the file is saved as.",
        {"type": "string"},
        'attachment; filename="py-docs-2026-02-01-2026-02-28.csv"',
    ),
    "ETag": ("Names this version; send it as `If-Match` or `If-None-Match`.", {"type": "string"}, '"1c2d"'),
    "Link": (
        'Where the next page is (`rel="next"`), while there is one.',
        {"type": "string"},
        '</urls/export?cursor=WyIyMDI2Il0>; rel="next"',
    ),
    "Location": ("Where to go on.", {"type": "string"}, "/urls/py-docs"),
    "Retry-After": (
        "After how many seconds to try again.",
        {"type": "integer", "minimum": 0},
        "1",
    ),
}
"""Every header that an answer of ours can be described with: what it means, its schema, an example."""


def answer(status: int, description: str, *headers: str, content: Any = None) -> Responses:
    """Describe a route's success.

    Parameters
    ----------
    status
        Its status.
    description
        What it means.
    headers
        Names of headers that it carries.
    content
        Content by media type, where that is not JSON of what the route's function returns; `{}` for none.
    """
    response: OpenAPIResponse = {"description": description}
    if headers:
        response["headers"] = {name: header(name) for name in headers}
    if content is not None:
        response["content"] = content
    return {status: response}


def refusals(reasons: Mapping[int, str]) -> Responses:
    """Describe the problems of a route that are its own, by status.

    Parameters
    ----------
    reasons
        When it happens, for people, by status.
    """
    return {
        status: {"description": reason, "content": PROBLEM_CONTENT, **_retry_later(status)}
        for status, reason in reasons.items()
    }


def header(name: str) -> OpenAPIResponseHeader:
    """Return the description of a header.

    Raises
    ------
    KeyError
        If it is none that was described.
    """
    description, schema, example = _HEADERS[name]
    value = int(example) if schema["type"] == "integer" else example
    return {"description": description, "schema": {**schema, "examples": [value]}}


def _retry_later(status: int) -> OpenAPIResponse:
    return {"headers": {"Retry-After": header("Retry-After")}} if status in {429, 503} else {}
