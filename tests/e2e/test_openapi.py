"""What the OpenAPI document says holds whatever is sent: no crash, no answer that it does not describe."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import Case

from tests.support.people import Creator
from tests.support.stack import ROOT, Stack

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
LEAST = 1_000
"""Requests in all, below which these tests would not say much."""

CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 4711,
        "generation": {
            "max-examples": 25,
            "deterministic": True,
            "database": "none",
            "with-security-parameters": False,
        },
        "checks": {
            # What no schema can say is refused as well: a time that is over, an alias that is reserved or
            # taken, a host that does not exist, an `If-Match` of another version.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "3xx", 401, 403, 404, 409, 410, 412, 422]
            },
        },
    }
)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)
OWNED = SCHEMA.include(lambda context: is_guarded(context) and "userToken" in ways(context))


def ways(context: Any) -> set[str]:
    return {scheme for way in context.operation.definition.raw["security"] for scheme in way}


def is_guarded(context: Any) -> bool:
    return bool(ways(context))


@pytest.fixture(scope="module")
def sent() -> Iterator[Counter[str]]:
    """How many requests were made of each kind."""
    counter: Counter[str] = Counter()
    yield counter
    assert counter.total() >= LEAST, counter


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def ask(
    case: Case, stack: Stack, session: requests.Session, sent: Counter[str], token: str | None = None
) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    sent[case.operation.label] += 1
    return case.call_and_validate(
        base_url=stack.base_url, session=session, headers=headers, allow_redirects=False
    )


@SCHEMA.exclude(is_guarded).parametrize()
def test_what_anybody_may_ask(
    case: Case, stack: Stack, session: requests.Session, sent: Counter[str]
) -> None:
    ask(case, stack, session, sent)


@OWNED.parametrize()
def test_what_people_may_ask(
    case: Case, stack: Stack, session: requests.Session, creator: Creator, sent: Counter[str]
) -> None:
    ask(case, stack, session, sent, creator.tokens.access_token)
