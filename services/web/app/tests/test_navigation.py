"""Addresses: where somebody wanted to go, and never out of the app."""

import pytest

from hopcount_app import navigation as to


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        ("/", {}, "/"),
        ("/confirm", {"email": "a+b@example.com", "next": ""}, "/confirm?email=a%2Bb%40example.com"),
        ("/links/x?range=7d", {"debug": "1"}, "/links/x?range=7d&debug=1"),
    ],
)
def test_an_address_has_what_is_not_empty_in_its_query(
    path: str, query: dict[str, str], address: str
) -> None:
    assert to.address(path, **query) == address


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ("/sign-in?next=%2Faccount", "/account"),
        ("/sign-in?next=%2Flinks%2Fx%3Frange%3D7d", "/links/x?range=7d"),
        ("/sign-in", "/"),
        (None, "/"),
    ],
)
def test_a_sign_in_leads_where_somebody_wanted_to_go(route: str | None, path: str) -> None:
    assert to.wanted(route) == path


@pytest.mark.parametrize(
    "next_", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_sign_in_leads_nowhere_else(next_: str) -> None:
    assert to.wanted(to.address(to.SIGN_IN, next=next_)) == to.LINKS


@pytest.mark.parametrize(
    ("route", "onward"),
    [
        ("/account?debug=1", "/account"),
        ("/links/x?debug=1&range=7d", "/links/x?range=7d"),
        ("/sign-in?next=%2Fnew", "/new"),
        ("/sign-in", ""),
        ("/forgot?email=me", ""),
        ("/", ""),
        (None, ""),
    ],
)
def test_where_somebody_wanted_to_go_is_kept_from_page_to_page(route: str | None, onward: str) -> None:
    assert to.onward(route) == onward
