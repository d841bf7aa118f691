"""What a token looks like, and where a request carries it."""

import math
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.domain.api_token import SECRET_LENGTH, digest_of, id_in, is_id, new_id, new_text, presented

ALPHABET = set(string.ascii_letters + string.digits)


def test_a_token_names_itself_and_holds_a_secret_nobody_guesses() -> None:
    token_id = new_id()
    prefix, named, secret = new_text(token_id).split("_")
    assert (prefix, named) == ("hc", token_id)
    assert len(secret) == SECRET_LENGTH
    assert set(secret) <= ALPHABET
    assert SECRET_LENGTH * math.log2(len(ALPHABET)) >= 190


def test_no_two_tokens_are_alike() -> None:
    assert len({new_text("id") for _ in range(1000)}) == 1000
    assert len({new_id() for _ in range(1000)}) == 1000


def test_the_id_is_read_from_the_text() -> None:
    token_id = new_id()
    assert is_id(token_id)
    assert id_in(new_text(token_id)) == token_id


@pytest.mark.parametrize(
    "spoil", [str.upper, lambda t: t + "x", lambda t: t[:-1], lambda t: " " + t, lambda t: t + "\n"]
)
def test_anything_else_is_no_token(spoil: Callable[[str], str]) -> None:
    assert id_in(spoil(new_text(new_id()))) is None


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    assert id_in(text) is None
    assert presented({"authorization": text}) in {None, *text.split(), text.partition(" ")[2].strip()}


@given(st.text(alphabet="\u0661\u00b2abc_-", min_size=12, max_size=12))
def test_an_id_is_plain_letters_and_digits(text: str) -> None:
    assert is_id(text) == (set(text) <= ALPHABET)


def test_a_digest_depends_on_the_whole_text() -> None:
    text = new_text(new_id())
    assert digest_of(text) == digest_of(str(text))
    assert len({digest_of(text[:n]) for n in range(len(text) + 1)}) == len(text) + 1


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, None),
        ({"authorization": "Bearer t"}, "t"),
        ({"authorization": "bearer  t "}, "t"),
        ({"x-api-key": "t"}, "t"),
        ({"x-api-key": " t "}, "t"),
        ({"authorization": "Bearer t", "x-api-key": "t"}, "t"),
        ({"authorization": "Bearer t", "x-api-key": "u"}, None),
        ({"authorization": "", "x-api-key": "t"}, None),
        ({"authorization": "Basic dDp0", "x-api-key": "t"}, None),
        ({"authorization": "Bearer t", "x-api-key": ""}, None),
        ({"authorization": "Basic t"}, None),
        ({"authorization": "t"}, None),
        ({"authorization": "Bearer"}, None),
        ({"authorization": "Bearer "}, None),
        ({"authorization": "", "x-api-key": ""}, None),
    ],
)
def test_two_headers_can_carry_it_and_must_agree(headers: dict[str, str], said: str | None) -> None:
    assert presented(headers) == said
