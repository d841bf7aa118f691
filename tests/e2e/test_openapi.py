"""What the OpenAPI document says holds, whatever is sent: no crash, no answer that it does not describe."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.people import Creator, ok
from tests.support.stack import ROOT, Stack

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
LEAST = 1_000
"""Requests in all, below which these tests would not say much."""
SCOPES = {
    scope
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
    for way in operation["security"]
    for scopes in way.values()
    for scope in scopes
}
"""What an API token can be allowed to do."""


def described(*, most: int, boundaries: bool) -> Any:
    """Read the document, to make requests up from it.

    Parameters
    ----------
    most
        How many random requests are made of each operation.
    boundaries
        Whether what lies at and beyond each bound of each field is sent as well.
    """
    # What an earlier answer held would make another run of every run.
    nothing_learned = {"extra-data-sources": {"responses": False}}
    config = {
        "seed": 4711,
        "request-timeout": 60,
        "generation": {
            "max-examples": most,
            "deterministic": True,
            "database": "none",
            "with-security-parameters": False,
        },
        "phases": {
            "fuzzing": nothing_learned,
            # A method without a route is the gateway's 404, and no function's: it cannot be made a 405.
            "coverage": {"enabled": boundaries, "unexpected-methods": [], **nothing_learned},
        },
        "checks": {
            # What no schema can say is refused as well: a time that is over, a name that is reserved or
            # taken, a host that cannot be, an `If-Match` of another version, a link too many.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "3xx", 401, 403, 404, 409, 410, 412, 422, 429]
            },
        },
    }
    return schemathesis.openapi.from_dict(DOCUMENT, config=schemathesis.Config.from_dict(config))


MANY = described(most=10, boundaries=True)
FEW = described(most=3, boundaries=False)


def ways(context: Any) -> set[str]:
    """Name the security schemes of an operation; none means that anybody may ask."""
    return {scheme for way in context.operation.definition.raw["security"] for scheme in way}


def is_guarded(context: Any) -> bool:
    return bool(ways(context))


def is_for_people(context: Any) -> bool:
    return "userToken" in ways(context)


def is_for_programs(context: Any) -> bool:
    return "apiToken" in ways(context)


def is_the_end(context: Any) -> bool:
    return bool(context.operation.label == "DELETE /users/me")


def is_about_a_link(context: Any) -> bool:
    return is_for_people(context) and context.operation.path.startswith(("/urls/{id}", "/stats/{id}"))


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

    def ask(self, case: Case, headers: Mapping[str, str] | None = None, **more: Any) -> Any:
        self._sent[case.operation.label] += 1
        if case.operation.path.endswith("/urls/bulk"):
            # A bad row fails alone, in an answer that is a 200 for the others.
            more["excluded_checks"] = [negative_data_rejection]
        return case.call_and_validate(
            base_url=self._stack.base_url,
            session=self._session,
            headers=dict(headers or {}),
            allow_redirects=False,
            **more,
        )


@pytest.fixture(scope="module")
def asker(stack: Stack, session: requests.Session, sent: Counter[str]) -> Asker:
    return Asker(stack, session, sent)


def signed_in(creator: Creator) -> dict[str, str]:
    return {"Authorization": f"Bearer {creator.tokens.access_token}"}


@MANY.exclude(is_guarded).parametrize()
def test_what_anybody_may_ask(case: Case, asker: Asker) -> None:
    asker.ask(case)


@MANY.include(is_for_people).exclude(is_the_end).parametrize()
def test_what_people_may_ask(case: Case, asker: Asker, creator: Creator) -> None:
    asker.ask(case, signed_in(creator))


@FEW.include(is_the_end).parametrize()
def test_what_people_may_ask_once(case: Case, asker: Asker, stack: Stack) -> None:
    asker.ask(case, signed_in(Creator.sign_up(stack)))


@pytest.fixture(scope="module")
def links(creator: Creator) -> Callable[[Case], str]:
    """Return one of the creator's links: the same again and again, but for those who delete it."""
    kept = creator.create("https://example.com/here")["id"]

    def choose(case: Case) -> str:
        return str(creator.create("https://example.com/once")["id"]) if case.method == "DELETE" else kept

    return choose


@MANY.include(is_about_a_link).parametrize()
def test_what_people_may_ask_of_a_link_that_is_there(
    case: Case, asker: Asker, creator: Creator, links: Callable[[Case], str]
) -> None:
    case.path_parameters["id"] = links(case)
    asker.ask(case, signed_in(creator))


@pytest.fixture(scope="module")
def api_token(stack: Stack) -> str:
    """A token of somebody, that may do whatever any token may."""
    creator = Creator.sign_up(stack)
    wish = {"name": "everything", "scopes": sorted(SCOPES)}
    made = ok(creator.http.post("/users/me/tokens", json=wish), 201)
    return str(made["token"])


@FEW.include(is_for_programs).parametrize()
def test_what_programs_may_ask(case: Case, asker: Asker, api_token: str) -> None:
    asker.ask(case, {"Authorization": f"Bearer {api_token}"})
    asker.ask(case, {"X-Api-Key": api_token})


AS_DESCRIBED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@FEW.include(is_guarded).parametrize()
def test_nobody_else_gets_an_answer(case: Case, asker: Asker) -> None:
    # Whether the rest of the request is good is not even looked at.
    assert asker.ask(case, checks=AS_DESCRIBED).status_code in {401, 403}
