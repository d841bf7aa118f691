from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopcount_cli.transfer.cells import (
    is_protected,
    is_true,
    parse_code,
    parse_count,
    parse_moment,
    parse_text,
    split_short_url,
)

MARCH = datetime(2024, 3, 1, 12, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-01T12:34:56Z", MARCH),
        ("2024-03-01T12:34:56+0000", MARCH),
        ("2024-03-01T14:34:56+02:00", MARCH),
        ("2024-03-01 12:34:56+00", MARCH),
        ("2024-03-01 12:34:56", MARCH),
        ("2024-03-01 12:34:56 UTC", MARCH),
        (" 2024-03-01T12:34:56.000Z ", MARCH),
        ("2024-03-01", MARCH.replace(hour=0, minute=0, second=0)),
        ("1709296496", MARCH),
        (1709296496, MARCH),
        ("1709296496000", MARCH),
        ("", None),
        (None, None),
        ("\\N", None),
        ("NULL", None),
        ("0000-00-00 00:00:00", None),
    ],
)
def test_times_are_understood(text: object, moment: datetime | None) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text", ["yesterday", "31.12.2024", "12/31/2024", "9999999999999999", "0001-01-01T00:00:00+23:59"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("17", 17),
        (17, 17),
        (17.0, 17),
        ("1,234", 1234),
        ("1 234 567", 1234567),
        ("1'234", 1234),
        ("1\u202f234", 1234),
        ("", 0),
        (None, 0),
        ("\\N", 0),
    ],
)
def test_numbers_are_understood(text: object, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize(
    "text", ["many", "-1", "1.5", 1.5, float("nan"), float("inf"), True, "٣", "9" * 5000]
)
def test_what_is_no_number_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_count(text)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://bit.ly/3abC", ("bit.ly", "3abC")),
        ("bit.ly/3abC", ("bit.ly", "3abC")),
        ("HTTP://GO.Example/x/?utm=1#top", ("go.example", "x")),
        ("https://go.example/docs/start", ("go.example", "docs/start")),
        ("https://go.example/caf%C3%A9", ("go.example", "café")),
        ("https://go.example/", ("go.example", None)),
        ("go.example", ("go.example", None)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_short_urls_are_split(url: object, parts: tuple[str | None, str | None]) -> None:
    assert split_short_url(url) == parts


def test_codes_lose_the_slashes_around_them() -> None:
    assert [parse_code(text) for text in ("/abc/", " abc ", "a/b", "", None, 0)] == [
        "abc",
        "abc",
        "a/b",
        None,
        None,
        "0",
    ]


def test_flags_are_understood_as_databases_write_them() -> None:
    assert all(is_true(flag) for flag in (True, "t", "1", 1, "TRUE", "yes"))
    assert not any(is_true(flag) for flag in (False, "f", "0", 0, "", None))
    assert all(is_protected(password) for password in (True, "$2a$12$abc", "secret", "t"))
    assert not any(is_protected(password) for password in (False, "", None, "f", "\\N", 0))


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        parse_text(b"caf\xe9".decode(errors="surrogateescape"))


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.lists(st.text())))
def test_whatever_it_is_it_is_understood_or_refused(value: object) -> None:
    for parse in (parse_moment, parse_count):
        try:
            parse(value)
        except ValueError:
            continue
    split_short_url(value)
    parse_code(value)
