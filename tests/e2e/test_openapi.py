"""What the OpenAPI document says holds, whatever is sent: no crash, no answer that it does not describe."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.people import Creator
from tests.support.stack import ROOT, Stack

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
LEAST = 1_000
"""Requests in all, below which these tests would not say much."""

CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 4711,
        "request-timeout": 60,
        "generation": {
            "max-examples": 25,
            "deterministic": True,
            "database": "none",
            "with-security-parameters": False,
        },
        "phases": {
            # What an earlier answer held would make another run of every run.
            "fuzzing": {"extra-data-sources": {"responses": False}},
            # A method without a route is the gateway's 404, and no function's: it cannot be made a 405.
            "coverage": {"unexpected-methods": [], "extra-data-sources": {"responses": False}},
        },
        "checks": {
            # What no schema can say is refused as well: a time that is over, a name that is reserved or
            # taken, a host that cannot be, an `If-Match` of another version.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "3xx", 401, 403, 404, 409, 410, 412, 422]
            },
        },
    }
)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)


def ways(context: Any) -> set[str]:
    """Name the security schemes of an operation; none means that anybody may ask."""
    return {scheme for way in context.operation.definition.raw["security"] for scheme in way}


def is_guarded(context: Any) -> bool:
    return bool(ways(context))


def is_for_people(context: Any) -> bool:
    return "userToken" in ways(context)


def is_about_a_link(context: Any) -> bool:
    return is_for_people(context) and context.operation.path.startswith(("/urls/{id}", "/stats/{id}"))


PUBLIC = SCHEMA.exclude(is_guarded)
GUARDED = SCHEMA.include(is_guarded)
PEOPLES = SCHEMA.include(is_for_people)
LINKS = SCHEMA.include(is_about_a_link)


@pytest.fixture(scope="module")
def sent() -> Iterator[Counter[str]]:
    """How many requests were made of each operation."""
    counter: Counter[str] = Counter()
    yield counter
    assert counter.total() >= LEAST, counter


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


class Asker:
    """Sends what was made up, and sees that the answer is one that the document describes."""

    def __init__(self, stack: Stack, session: requests.Session, sent: Counter[str]) -> None:
        self._stack = stack
        self._session = session
        self._sent = sent

    def ask(self, case: Case, token: str | None = None, **more: Any) -> Any:
        self._sent[case.operation.label] += 1
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return case.call_and_validate(
            base_url=self._stack.base_url,
            session=self._session,
            headers=headers,
            allow_redirects=False,
            **more,
        )


@pytest.fixture(scope="module")
def asker(stack: Stack, session: requests.Session, sent: Counter[str]) -> Asker:
    return Asker(stack, session, sent)


@PUBLIC.parametrize()
def test_what_anybody_may_ask(case: Case, asker: Asker) -> None:
    asker.ask(case)


@PEOPLES.parametrize()
def test_what_people_may_ask(case: Case, asker: Asker, creator: Creator) -> None:
    asker.ask(case, creator.tokens.access_token)


@pytest.fixture(scope="module")
def links(creator: Creator) -> Callable[[Case], str]:
    """Return one of the creator's links: the same again and again, but for those who delete it."""
    kept = creator.create("https://example.com/here")["id"]

    def choose(case: Case) -> str:
        return str(creator.create("https://example.com/once")["id"]) if case.method == "DELETE" else kept

    return choose


@LINKS.parametrize()
def test_what_people_may_ask_of_a_link_that_is_there(
    case: Case, asker: Asker, creator: Creator, links: Callable[[Case], str]
) -> None:
    case.path_parameters["id"] = links(case)
    asker.ask(case, creator.tokens.access_token)


AS_DESCRIBED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@GUARDED.parametrize()
def test_nobody_else_gets_an_answer(case: Case, asker: Asker) -> None:
    # Whether the rest of the request is good is not even looked at.
    assert asker.ask(case, checks=AS_DESCRIBED).status_code == 401
