"""How files are answered: kept by caches, and not sent again to whoever has them."""

from collections.abc import Mapping
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header

from hopcount_shared.documented import Responses, answer
from web.files import File

CACHE_CONTROL = "public, max-age=300"
"""Seconds for which a file is kept without asking: so old may it be after a deployment."""

IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=1_000,
        description="The `ETag` of what you have: 304 if it is still that.",
        examples=['W/"7d5f"'],
    ),
]

_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def file_answer(
    file: File, if_none_match: str | None, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """Answer with a file, or 304 if the client has it.

    Parameters
    ----------
    file
        What is asked for.
    if_none_match
        The header `If-None-Match`.
    headers
        Further headers.
    """
    kept: dict[str, str | list[str]] = {
        "Cache-Control": CACHE_CONTROL,
        "ETag": file.etag,
        "Vary": "Accept-Encoding",
        **_SAFE,
        **(headers or {}),
    }
    if _has(file.etag, if_none_match):
        # Not compressed: of nothing that makes twenty bytes, and a 304 with a body breaks the connection.
        return Response(304, body="", headers=kept, compress=False)
    return Response(200, file.content_type, file.text, kept)


def file_answers(description: str, content: Any) -> Responses:
    """Describe such an answer: what it is, and its content by media type."""
    unchanged = answer(304, "You have it.", "Cache-Control", "ETag", content={})
    return answer(200, description, "Cache-Control", "ETag", content=content) | unchanged


def _has(etag: str, if_none_match: str | None) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag.removeprefix("W/") in tags or tags == ["*"]
