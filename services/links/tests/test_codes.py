"""Names of links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from links.domain import codes
from links.domain.codes import (
    CODE_LENGTH,
    RESERVED,
    check_alias,
    check_imported_code,
    derived_codes,
    is_link_id,
    random_codes,
)


def test_random_codes_are_seven_letters_and_digits_and_differ() -> None:
    source = random_codes()
    found = [next(source) for _ in range(1000)]
    assert all(len(code) == CODE_LENGTH and code.isalnum() and code.isascii() for code in found)
    assert len(set(found)) == 1000


def test_derived_codes_follow_from_their_seed_alone() -> None:
    first, again, other = derived_codes("seed"), derived_codes("seed"), derived_codes("other")
    assert [next(first) for _ in range(5)] == [next(again) for _ in range(5)]
    assert next(first) != next(other)


def test_no_code_is_a_reserved_word(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [next(source) for source in [derived_codes("seed")] for _ in range(3)]
    monkeypatch.setattr(codes, "RESERVED", RESERVED | {expected[0].lower()})
    source = derived_codes("seed")
    assert [next(source), next(source)] == expected[1:]
    letters = iter("OpenAPI" + "abcdefg")
    assert next(random_codes(lambda _: next(letters))) == "abcdefg"


@pytest.mark.parametrize("alias", ["abc", "A-b_9", "x" * 64, "---", "healthy", "2026"])
def test_an_alias_may_be_chosen(alias: str) -> None:
    assert check_alias(alias) == alias


@pytest.mark.parametrize(
    "alias",
    [
        "",
        "ab",
        "x" * 65,
        "a b",
        "a.b",
        "a/b",
        "ünter",
        "abc\n",
        "abc\x00",
        "\u0663\u0663\u0663",
        "\u017ftats",
    ],
)
def test_an_alias_of_odd_characters_is_refused(alias: str) -> None:
    with pytest.raises(ValueError, match="3 to 64"):
        check_alias(alias)


@pytest.mark.parametrize("code", ["a", "-", "Q9", "abc", "x" * 64])
def test_a_code_from_elsewhere_may_be_short(code: str) -> None:
    assert check_imported_code(code) == code
    assert is_link_id(code)


@pytest.mark.parametrize(
    ("code", "reason"), [("", "1 to 64"), ("x" * 65, "1 to 64"), ("a.", "1 to 64"), ("v1", "reserved")]
)
def test_a_code_from_elsewhere_may_not_be_anything(code: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_imported_code(code)


@pytest.mark.parametrize(
    "alias", ["health", "URLS", "Stats", "users", "app", "well-known", "openapi", "bulk", "Export", "tokens"]
)
def test_a_reserved_alias_is_refused(alias: str) -> None:
    with pytest.raises(ValueError, match="reserved"):
        check_alias(alias)


def test_every_reserved_word_is_written_as_it_is_compared() -> None:
    assert all(word == word.lower() for word in RESERVED)


@given(st.text(max_size=70))
def test_an_alias_that_passes_is_safe_in_a_path(text: str) -> None:
    try:
        alias = check_alias(text)
    except ValueError:
        return
    assert is_link_id(alias)
    assert set(alias) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
