"""What each route says of itself: from its function's resolver, or from a file beside it."""

import ast
import importlib
import inspect
import json
import os
import re
from functools import cache
from types import ModuleType
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from tools.openapi.routes import Access, Route
from tools.openapi.schemas import Json, tidy, without_null
from tools.templates import ROOT, read_template

FRAGMENT = "openapi.yml"
"""A service whose functions have no resolver describes them in this file."""

_POWERTOOLS_OWN = ("HTTPValidationError", "ValidationError", "ResponseValidationError")
_VARIABLE = re.compile(r"\{([^}]*)\}")


class UndocumentedError(Exception):
    """A route that the document would not do justice to; the message says what is missing where."""


def describe(route: Route) -> tuple[Json, Json]:
    """Return what a route says of itself, as an operation, and the schemas that it refers to."""
    module = _import(route.module)
    api = getattr(module, "api", None)
    if isinstance(api, APIGatewayHttpResolver):
        return _from_resolver(route, module, api)
    return _from_fragment(route), {}


def scopes(route: Route) -> list[str]:
    """Return the scopes of which an API token needs one: what the function hands to `caller`.

    Raises
    ------
    UndocumentedError
        If the function asks nobody who is calling, or for scopes that are not written where it asks.
    """
    calls = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(_import(route.module))))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "caller"
    ]
    if len(calls) != 1:
        raise UndocumentedError(f"{route.module} should call `caller` once")
    named = [argument.value for argument in calls[0].args[1:] if isinstance(argument, ast.Constant)]
    if len(named) != len(calls[0].args) - 1:
        raise UndocumentedError(f"{route.module} should name its scopes as plain text")
    return [str(scope) for scope in named]


def _import(name: str) -> ModuleType:
    # Powertools asks for both while it is imported; nothing is sent anywhere.
    os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "openapi")
    os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")
    return importlib.import_module(name)


def _from_resolver(route: Route, module: ModuleType, api: APIGatewayHttpResolver) -> tuple[Json, Json]:
    written = json.loads(api.get_openapi_json_schema(title="", version="", openapi_version="3.1.0"))
    method = "get" if route.method == "HEAD" else route.method.lower()
    for path, operations in written["paths"].items():
        if _shape(path) == _shape(route.path_in_code) and method in operations:
            names = dict(zip(_VARIABLE.findall(path), _VARIABLE.findall(route.path), strict=True))
            operation = _tidy_operation(operations[method], names)
            operation |= _from_docstring(route, module, operation)
            return operation, _schemas(written)
    raise UndocumentedError(f"{route}: {route.module} has no such route")


def _shape(path: str) -> str:
    return _VARIABLE.sub("{}", path)


def _schemas(written: Json) -> Json:
    found = written.get("components", {}).get("schemas", {})
    return {name: _named(schema) for name, schema in found.items() if name not in _POWERTOOLS_OWN}


def _named(schema: Json) -> Json:
    return {"title": schema["title"], **tidy(schema)} if "title" in schema else dict(tidy(schema))


def _tidy_operation(operation: Json, names: dict[str, str]) -> Json:
    responses = operation["responses"]
    if operation["responses"].get("422", {}).get("description") == "Validation Error":
        responses = {status: said for status, said in responses.items() if status != "422"}
    parameters = [_parameter(parameter, names) for parameter in operation.get("parameters", [])]
    tidied = {**operation, "responses": _tidy_contents(responses)}
    if parameters:
        tidied["parameters"] = parameters
    if "requestBody" in operation:
        tidied["requestBody"] = _tidy_contents({"": operation["requestBody"]})[""]
    return tidied


def _tidy_contents(said: Json) -> Json:
    return {key: _tidy_message(message) for key, message in said.items()}


def _tidy_message(message: Json) -> Json:
    rest = {key: value for key, value in message.items() if key != "content"}
    content = {
        media: {**media_type, "schema": tidy(media_type.get("schema", {}))}
        for media, media_type in message.get("content", {}).items()
    }
    return {**rest, "content": content} if content else rest


def _parameter(parameter: Json, names: dict[str, str]) -> Json:
    name = parameter["name"]
    if parameter["in"] == "path":
        name = names[name]
    elif parameter["in"] == "header":
        name = name.title()
    schema = without_null(tidy(parameter["schema"]))
    schema.pop("description", None)
    return {**parameter, "name": name, "schema": schema}


def _from_docstring(route: Route, module: ModuleType, operation: Json) -> Json:
    """Take the summary and the name from the function that answers: there is one per module."""
    name = route.module.rpartition(".")[2]
    function: Any = getattr(module, name, None)
    text = inspect.getdoc(function) if function else None
    if not text:
        raise UndocumentedError(f"{route}: {route.module} should have a function {name} with a docstring")
    if not operation.get("description"):
        raise UndocumentedError(f"{route}: {route.module} should give its route a `description`")
    return {"summary": text.splitlines()[0].rstrip("."), "operationId": _camel(name)}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _from_fragment(route: Route) -> Json:
    try:
        said: Json = _fragment(route.service)["paths"][route.path]["get"]
    except KeyError:
        raise UndocumentedError(f"services/{route.service}/{FRAGMENT} should describe {route}") from None
    return dict(json.loads(json.dumps(said)))


@cache
def _fragment(service: str) -> dict[str, Any]:
    path = ROOT / "services" / service / FRAGMENT
    return read_template(path) if path.exists() else {"paths": {}}


def is_public(route: Route) -> bool:
    """Tell whether anybody may ask."""
    return route.access is Access.PUBLIC
