"""The command line says beforehand what the service will refuse; it cannot import the service's rules."""

import pytest

from hopcount_cli import reserved
from hopcount_cli.transfer import checks, sending
from hopcount_cli.transfer.rows import Row
from links import bulk_schemas
from links.domain.codes import RESERVED, check_imported_code
from links.domain.targets import MAX_LENGTH, parse_target


def test_the_same_words_are_reserved() -> None:
    assert reserved.RESERVED == RESERVED


def test_the_same_lengths_are_allowed() -> None:
    assert (checks.LONGEST_TARGET, sending.CHUNK) == (MAX_LENGTH, bulk_schemas.MAX_ROWS)
    assert check_imported_code("a" * checks.LONGEST_CODE)
    with pytest.raises(ValueError, match="64"):
        check_imported_code("a" * (checks.LONGEST_CODE + 1))


@pytest.mark.parametrize("code", ["a", "-", "A_b-9", "a.b", "a/b", "é", "a b", "admin", "Tokens"])
def test_the_same_codes_are_kept(code: str) -> None:
    assert refuses(check_imported_code, code) == bool(checks.code_problem(code))


@pytest.mark.parametrize(
    "target",
    [
        *("https://a.example", "HTTP://A.example/x?y#z", "https://é.example/ü", "https://[::1]:8080/"),
        *("mailto:a@a.example", "a.example", "//a.example", "https://", "https:///x", "https://a b.example/"),
        *(
            "https://me:pw@a.example/",
            "https://a.example/a\\b",
            "https://a.example/\x00",
            "javascript:alert(1)",
        ),
    ],
)
def test_the_same_addresses_are_kept(target: str) -> None:
    assert refuses(parse_target, target) == bool(checks.target_problem(target))


def refuses(check: object, text: str) -> bool:
    assert callable(check)
    try:
        check(text)
    except ValueError:
        return True
    return False


def test_every_field_of_a_row_is_one_that_the_service_knows() -> None:
    full = Row(
        1, "https://a.example/", "abc", None, clicks=3, redirect_status=302, max_age=60, pass_query=True
    ).to_body()
    bulk_schemas.ImportLinkBody.model_validate(full)
