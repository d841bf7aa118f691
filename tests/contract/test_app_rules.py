"""The web app says while somebody types what the API would refuse; it cannot import the API's rules."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from hopcount_app import validation
from hopcount_cli.reserved import RESERVED
from links.domain import codes
from links.domain.targets import MAX_LENGTH, leads_home, own_address, parse_target

ROOT = Path(__file__).parents[2]
HOSTS = st.sampled_from(["a.example", "sho.rt", "SHO.RT.", "é.example", "[::1]", "a", "a_b.example", ".", ""])
TARGETS = st.one_of(
    st.text(max_size=40),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["https://", "HTTP://", "ftp://", "https:/", "//", ""]),
        HOSTS,
        st.sampled_from(["", ":80", ":8080", ":0", ":x", "@b.example"]),
        st.text(max_size=12).map(lambda text: f"/{text}"),
    ),
)


def refuses(check: Any, *arguments: object) -> bool:
    try:
        check(*arguments)
    except ValueError:
        return True
    return False


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    document = json.loads((ROOT / "docs/openapi.json").read_text())
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def fields(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: field.get("anyOf", [field])[0] for name, field in schema["properties"].items()}


def test_forms_are_those_of_the_document(schemas: dict[str, Any]) -> None:
    link, token = fields(schemas["CreateLinkBody"]), fields(schemas["CreateTokenBody"])
    assert f"^{validation._ALIAS.pattern}$" == link["alias"]["pattern"]
    assert validation.LONGEST_TARGET == link["originalUrl"]["maxLength"] == MAX_LENGTH
    assert link["maxAge"]["maximum"] == validation.LONGEST_AGE
    assert list(validation.REDIRECTS) == link["redirectStatus"]["enum"]
    assert validation.token_name("x" * token["name"]["maxLength"]) is None
    assert validation.token_name("x" * (token["name"]["maxLength"] + 1)) is not None


@given(TARGETS)
@example("https://a.example/" + "x" * 2030)
@example("https://a.example:99999/")
def test_no_address_is_refused_that_the_api_takes(text: str) -> None:
    own = own_address("https://sho.rt")
    if not refuses(parse_target, text) and not leads_home(parse_target(text), {own}):
        assert validation.target(text, "https://sho.rt") is None


@pytest.mark.parametrize(
    "text",
    [
        *("mailto:a@a.example", "a.example", "//a.example", "https://", "https:///x", "https://a b.example/"),
        *("https://me:pw@a.example/", "https://a.example/a\\b", "https://a.example/\x00", "javascript:x()"),
        *("https://.", "https://a.example:0/", "https://a.example/" + "x" * 2048),
    ],
)
def test_addresses_are_refused_as_the_api_does(text: str) -> None:
    assert refuses(parse_target, text)
    assert validation.target(text) is not None


@given(st.one_of(st.text(max_size=70), st.sampled_from(sorted(RESERVED)), st.from_regex(r"[\w-]{1,66}")))
def test_aliases_are_refused_as_the_api_does(text: str) -> None:
    if text:
        assert refuses(codes.check_alias, text) == (validation.alias(text) is not None)


def test_the_password_is_what_the_user_pool_wants() -> None:
    template = yaml.safe_load(_plain((ROOT / "services/platform/infra/user-pool.yml").read_text()))
    policy = template["Resources"]["UserPool"]["Properties"]["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == validation.SHORTEST_PASSWORD
    wanted = {name for name, value in policy.items() if value is True}
    assert wanted == {"RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols"}


def _plain(template: str) -> str:
    """Drop CloudFormation's short forms, which YAML does not know."""
    return template.replace("!", "")
