"""The answers that many operations share: problems as `hopcount_shared.http` writes them, the gateway's."""

from collections.abc import Iterable
from typing import Any

from hopcount_shared.documented import header
from hopcount_shared.http import problem_kinds
from tools.openapi.schemas import Json

PROBLEM_JSON = "application/problem+json"
JSON = "application/json"

_OURS, _THE_GATEWAYS = "ours", "the gateway's"

SCHEMAS: Json = {
    "Problem": {
        "type": "object",
        "description": "What went wrong (RFC 9457). Tell kinds apart by `type`, never by the words.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {
                "type": "string",
                "pattern": "^urn:hopcount:problem:[a-z-]+$",
                "description": "The kind: "
                + ", ".join(f"`{slug}` ({status})" for status, slug, _ in problem_kinds()),
            },
            "title": {"type": "string", "description": "The kind, in words."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "This one, in words."},
            "errors": {
                "type": "array",
                "description": "The fields that are wrong, where it is fields.",
                "items": {"$ref": "#/components/schemas/FieldError"},
            },
        },
    },
    "FieldError": {
        "type": "object",
        "description": "A field that is wrong.",
        "required": ["field", "message"],
        "properties": {
            "field": {"type": "string", "description": "As you wrote it, with dots between names."},
            "message": {"type": "string", "description": "What would be right."},
        },
    },
    "GatewayMessage": {
        "type": "object",
        "description": "What the gateway before the functions says by itself.",
        "required": ["message"],
        "properties": {"message": {"type": ["string", "null"]}},
    },
}

# Status: name, what it means, whose words it can be in, what the gateway says.
_COMMON: dict[int, tuple[str, str, set[str], str]] = {
    400: ("BadRequest", "The body cannot be read: it is no JSON.", {_OURS, _THE_GATEWAYS}, "Bad Request"),
    401: ("Unauthorized", "No token, or none that is good.", {_OURS, _THE_GATEWAYS}, "Unauthorized"),
    403: (
        "Forbidden",
        "The token is good, but not for this: it lacks the scope, or `userId` is somebody else's.",
        {_OURS, _THE_GATEWAYS},
        "Forbidden",
    ),
    404: (
        "NotFound",
        "It is not there, or not yours: never told apart.",
        {_OURS, _THE_GATEWAYS},
        "Not Found",
    ),
    413: ("TooLarge", "The body is too long.", {_THE_GATEWAYS}, "Request Entity Too Large"),
    415: ("UnsupportedMediaType", "The body is no `application/json`.", {_OURS}, ""),
    422: ("InvalidInput", "Fields are wrong; `errors` names each. Nothing was changed.", {_OURS}, ""),
    429: (
        "TooManyRequests",
        "The API is asked too much; try again later.",
        {_OURS, _THE_GATEWAYS},
        "Too Many Requests",
    ),
    500: ("InternalError", "Our fault, and logged.", {_OURS, _THE_GATEWAYS}, "Internal Server Error"),
    503: (
        "Unavailable",
        "Something behind it does not answer; try again in a moment.",
        {_OURS, _THE_GATEWAYS},
        "Service Unavailable",
    ),
}
_RETRY_LATER = frozenset({429, 503})


def components() -> Json:
    """Return the shared answers by name."""
    return {name: described(status, text) for status, (name, text, _, _) in _COMMON.items()}


def reference(status: int) -> Json:
    """Return a reference to the shared answer of a status."""
    return {"$ref": f"#/components/responses/{_COMMON[status][0]}"}


def described(status: int, description: str) -> Json:
    """Return a refusal: its own words for when it happens, the shared shape and examples."""
    _, _, whose, message = _COMMON.get(status, ("", "", {_OURS}, ""))
    content: Json = {}
    if _OURS in whose:
        content[PROBLEM_JSON] = {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "examples": dict(_examples(status, description)),
        }
    if _THE_GATEWAYS in whose:
        content[JSON] = {
            "schema": {"$ref": "#/components/schemas/GatewayMessage"},
            "examples": {"gateway": {"value": {"message": message}}},
        }
    answer: Json = {"description": description, "content": content}
    if status in _RETRY_LATER:
        answer["headers"] = {"Retry-After": header("Retry-After")}
    return answer


def _examples(status: int, description: str) -> Iterable[tuple[str, Json]]:
    for kind_status, slug, title in problem_kinds():
        if kind_status == status:
            value: dict[str, Any] = {
                "type": f"urn:hopcount:problem:{slug}",
                "title": title,
                "status": status,
                "detail": description,
            }
            if status == 422:
                value["errors"] = [
                    {"field": "originalUrl", "message": "must be an absolute http:// or https:// URL"}
                ]
            yield slug, {"value": value}
