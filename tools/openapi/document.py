"""Puts the document together: every route of the templates, and what is true of all of a kind."""

import json
from typing import Any

from tools.openapi import answers
from tools.openapi.operations import UndocumentedError, describe, is_public, scopes
from tools.openapi.routes import Access, Route, discover
from tools.openapi.schemas import Json, example_of

VERSION = "1.0.0"
"""Of the API as it is described: the first number is raised by a change that breaks clients."""

PATH_IN_REPOSITORY = "docs/openapi.json"

_TAGS = {
    "links": "Make, show, list, edit, delete and restore short links.",
    "analytics": "How often links were followed, by whom and when.",
    "users": "The caller and their totals.",
    "redirect": "What visitors ask.",
    "web": "What the API says of itself.",
}
"""One for each service that answers requests."""

_INTRODUCTION = """\
A URL shortener whose counts can be proved.

**Signing in.** People send a token of the user pool (`Authorization: Bearer ...`); where it is, and where to
sign in, is at `/.well-known/hopcount.json`. Programs send an API token, as `Authorization: Bearer hc_...` or
as `X-Api-Key: hc_...`, to the same paths behind `/v1`; it may do what its scopes say.

**Errors** are problem details (RFC 9457) with a stable `type`; a 422 names each field that is wrong. What the
gateway refuses before any function is asked is `{"message": ...}`. On 429 and 503 wait for `Retry-After` and
try again.

**Times** are UTC (ISO 8601). Fields may be added to answers at any time: ignore those you do not know.
"""

_SECURITY_SCHEMES: Json = {
    "userToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An ID or access token of the Cognito user pool.",
    },
    "apiToken": {"type": "http", "scheme": "bearer", "description": "An API token (`hc_...`), on `/v1/...`."},
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Key",
        "description": "The same API token (`hc_...`) in a header of its own, on `/v1/...`.",
    },
}


def build() -> Json:
    """Return the document of what the templates and handlers in this folder are.

    Raises
    ------
    UndocumentedError
        If a route lacks what readers need; the message says what and where.
    """
    paths: dict[str, Json] = {}
    schemas: Json = dict(answers.SCHEMAS)
    operations: list[tuple[Route, Json]] = []
    for route in discover():
        operation, referred = describe(route)
        for name, schema in referred.items():
            if schemas.setdefault(name, schema) != schema:
                raise UndocumentedError(f"two models are called {name}: rename one")
        operations.append((route, operation))
    for route, operation in operations:
        paths.setdefault(route.path, {})[route.method.lower()] = _complete(route, operation, schemas)
    services = {route.service for route, _ in operations}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hopcount",
            "version": VERSION,
            "description": _INTRODUCTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "Where this document comes from."}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items() if name in services],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": answers.components(),
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def write(document: Json) -> str:
    """Return a document as text: sorted, so that the same code gives the same bytes."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _complete(route: Route, operation: Json, schemas: Json) -> Json:
    """Add to what a route says of itself what is true of all of its kind."""
    if route.service not in _TAGS:
        raise UndocumentedError(f"tools/openapi/document.py should have a tag for {route.service}")
    complete = {**operation, "tags": operation.get("tags") or [route.service]}
    complete |= _names(route, operation)
    complete |= _security(route, operation)
    complete["responses"] = _responses(route, operation)
    _add_examples(route, complete, schemas)
    if route.method == "HEAD":
        complete["responses"] = {
            status: {"description": said["description"], **_only(said, "headers")}
            for status, said in _resolved(complete["responses"]).items()
        }
    return complete


def _names(route: Route, operation: Json) -> Json:
    summary, name = operation["summary"], operation["operationId"]
    if route.method == "HEAD":
        return {"operationId": f"{name}Head", "summary": f"{summary}: the headers alone"}
    if route.access is Access.API_TOKEN:
        return {"operationId": f"{name}ByToken", "summary": f"{summary} (API token)"}
    return {}


def _security(route: Route, operation: Json) -> Json:
    if is_public(route):
        return {"security": []}
    if route.access is Access.SIGNED_IN:
        return {"security": [{"userToken": []}]}
    needed = scopes(route)
    words = " or ".join(f"`{scope}`" for scope in needed)
    return {
        # One of them is enough, in either header.
        "security": [{scheme: [scope]} for scheme in ("apiToken", "apiKey") for scope in needed],
        "description": f"{operation['description']}\n\nThe API token needs the scope {words}.",
    }


def _responses(route: Route, operation: Json) -> Json:
    own = operation["responses"]
    inputs = {parameter["in"] for parameter in operation.get("parameters", [])}
    expected = {429, 500, 503}
    if not is_public(route):
        expected |= {401, 403}
    if "requestBody" in operation:
        expected |= {400, 413, 415, 422}
    if "path" in inputs:
        expected.add(404)
    if inputs & {"query", "header"}:
        expected.add(422)
    shared = {str(status): answers.reference(status) for status in expected}
    said = {status: _own(int(status), answer) for status, answer in own.items()}
    return {**shared, **said}


def _own(status: int, answer: Json) -> Json:
    """Give a route's own refusal the shape of all; its other answers stay as they are."""
    if set(answer.get("content", {})) == {answers.PROBLEM_JSON} and status >= 400:
        return answers.described(status, answer["description"])
    return answer


def _add_examples(route: Route, operation: Json, schemas: Json) -> None:
    """Show an example of everything that is sent and answered; where there is none, this fails."""
    messages = [*operation["responses"].values(), operation.get("requestBody", {})]
    try:
        for message in messages:
            for media_type in message.get("content", {}).values():
                if "examples" not in media_type:
                    value = example_of(media_type["schema"], schemas)
                    media_type["examples"] = {"example": {"value": value}}
        for parameter in operation.get("parameters", []):
            parameter["example"] = _parameter_example(parameter, schemas)
    except LookupError as error:
        raise UndocumentedError(f"{route}: {error.args[0]}") from None


def _parameter_example(parameter: Json, schemas: Json) -> Any:
    name = parameter["name"]
    if not parameter.get("description"):
        raise LookupError(f"the parameter {name} has no description")
    try:
        return example_of(parameter["schema"], schemas)
    except LookupError:
        raise LookupError(f"the parameter {name} has no `examples` and no default") from None


def _resolved(responses: Json) -> Json:
    shared = answers.components()
    return {
        status: shared[said["$ref"].rpartition("/")[2]] if "$ref" in said else said
        for status, said in responses.items()
    }


def _only(message: Json, key: str) -> Json:
    return {key: message[key]} if key in message else {}
