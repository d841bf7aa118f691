"""The OpenAPI document is what the code says, shows an example of everything, and breaks no client."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from tools.openapi import operations
from tools.openapi.document import build, write
from tools.openapi.operations import UndocumentedError
from tools.openapi.routes import Access, Route, discover

from hopcount_shared.errors import FieldError, InvalidInputError, QuotaExceededError
from hopcount_shared.http import problem_kinds
from tests.support.stack import ROOT

Json = dict[str, Any]
COMMITTED = ROOT / "docs" / "openapi.json"
DOCUMENT: Json = json.loads(COMMITTED.read_text())
PATTERN_OF_NAMES = re.compile(r"[a-z][A-Za-z]+")


def described() -> Iterator[tuple[str, Json]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(node: Json) -> Json:
    while "$ref" in node:
        found: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def check(value: Any, schema: Json) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


def test_it_is_current_and_written_the_same_way_each_time() -> None:
    assert COMMITTED.read_text() == write(build())


def test_it_is_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_fits_any_deployment() -> None:
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/"]


def test_every_route_is_described_and_nothing_else() -> None:
    assert {name for name, _ in described()} == {str(route) for route in discover()}


def test_every_operation_is_explained_and_named_once() -> None:
    names = []
    known = {tag["name"] for tag in DOCUMENT["tags"]}
    for name, operation in described():
        assert operation["summary"][0].isupper(), name
        assert len(operation["description"]) > 15, name
        assert set(operation["tags"]) <= known, name
        assert PATTERN_OF_NAMES.fullmatch(operation["operationId"]), name
        names.append(operation["operationId"])
    assert len(set(names)) == len(names)
    assert {tag for _, operation in described() for tag in operation["tags"]} == known


def test_everything_sent_and_answered_has_an_example_that_fits() -> None:
    for name, operation in described():
        for parameter in operation.get("parameters", []):
            assert parameter["description"], name
            check(parameter["example"], parameter["schema"])
        messages = [operation.get("requestBody", {}), *map(resolved, operation["responses"].values())]
        for message in messages:
            for media, media_type in message.get("content", {}).items():
                assert media_type["schema"], f"{name}: {media}"
                assert media_type["examples"], f"{name}: {media}"
                for example in media_type["examples"].values():
                    check(example["value"], media_type["schema"])


def test_who_may_ask_is_said_as_the_templates_have_it() -> None:
    for route in discover():
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        schemes = {scheme for way in operation["security"] for scheme in way}
        expected = {
            Access.PUBLIC: set(),
            Access.SIGNED_IN: {"userToken"},
            Access.API_TOKEN: {"apiToken", "apiKey"},
        }
        assert schemes == expected[route.access], str(route)
        assert {"401", "403"} <= set(operation["responses"]) or route.access is Access.PUBLIC, str(route)


def test_a_path_for_api_tokens_is_the_same_as_the_other_but_for_its_scopes() -> None:
    twins = [route for route in discover() if route.access is Access.API_TOKEN]
    assert twins
    for twin in twins:
        one = DOCUMENT["paths"][twin.path][twin.method.lower()]
        other = DOCUMENT["paths"][twin.path_in_code][twin.method.lower()]
        for key in ("parameters", "requestBody", "responses", "tags"):
            assert one.get(key) == other.get(key), f"{twin}: {key}"
        for way in one["security"]:
            for (scope,) in way.values():
                assert f"`{scope}`" in one["description"]


def test_its_problems_are_those_that_are_answered() -> None:
    from hopcount_shared.http import explain  # noqa: PLC0415  Powertools reads the environment when imported

    schema = DOCUMENT["components"]["schemas"]["Problem"]
    for error in (InvalidInputError([FieldError("alias", "is taken")]), QuotaExceededError("wait", 60)):
        answered = {name: value for name, value in explain(error).items() if name != "retryAfter"}
        check(answered, schema)
    for status, slug, _ in problem_kinds():
        assert f"`{slug}` ({status})" in schema["properties"]["type"]["description"]


class TestARouteThatSaysTooLittle:
    def route(self) -> Route:
        return next(route for route in discover() if str(route) == "GET /urls/{id}")

    @pytest.fixture
    def module(self) -> Any:
        import links.handlers.get_link as module  # noqa: PLC0415  Powertools reads the environment when imported

        return module

    def test_no_description(self, module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        (described,) = module.api._static_routes + module.api._dynamic_routes
        monkeypatch.setattr(described, "description", None)
        with pytest.raises(UndocumentedError, match=r"get_link should give its route a `description`"):
            build()

    def test_no_docstring(self, module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module.get_link, "__doc__", None)
        with pytest.raises(UndocumentedError, match="function get_link with a docstring"):
            build()

    def test_no_example(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from links.schemas import LinkView  # noqa: PLC0415  as above

        asked = operations.describe

        def without_example(route: Route) -> tuple[Json, Json]:
            operation, schemas = asked(route)
            schemas.get(LinkView.__name__, {}).pop("examples", None)
            return operation, schemas

        monkeypatch.setattr("tools.openapi.document.describe", without_example)
        with pytest.raises(UndocumentedError, match="LinkView has no example"):
            build()

    def test_no_such_route(self) -> None:
        route = Route("links", "links.handlers.get_link", "PUT", "/urls/{id}", Access.SIGNED_IN)
        with pytest.raises(UndocumentedError, match="has no such route"):
            operations.describe(route)

    def test_nothing_beside_a_function_without_a_framework(self) -> None:
        route = Route("redirect", "redirect.handlers.check_health", "GET", "/status", Access.PUBLIC)
        with pytest.raises(UndocumentedError, match=r"services/redirect/openapi.yml should describe"):
            operations.describe(route)
