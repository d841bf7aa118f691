from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.redirect.tests.support import NOW, make_link

from redirect.domain.link import is_code

SECOND = timedelta(seconds=1)


class TestCode:
    @pytest.mark.parametrize("text", ["a", "abc1234", "My_alias-1", "x" * 64, "-", "_"])
    def test_may_be(self, text: str) -> None:
        assert is_code(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "x" * 65,
            "a b",
            "a/b",
            "..",
            "a.b",
            "\x00",
            "a\n",
            "\r\n",
            "a%20",
            "\u00e9",
            "\u0661",
            "\ufffd",
        ],
    )
    def test_may_not_be(self, text: str) -> None:
        assert not is_code(text)

    @given(st.text())
    def test_is_nothing_but_ascii_letters_digits_and_two_signs(self, text: str) -> None:
        plain = all(c.isascii() and (c.isalnum() or c in "-_") for c in text)
        assert is_code(text) == (plain and 1 <= len(text) <= 64)


class TestGone:
    def test_a_plain_link_never_is(self) -> None:
        assert not make_link().is_gone(NOW)

    def test_a_deleted_one_is(self) -> None:
        assert make_link(deleted=True).is_gone(NOW)

    def test_an_expiring_one_is_from_its_moment_on(self) -> None:
        link = make_link(expires_at=NOW)
        assert not link.is_gone(NOW - timedelta(microseconds=1))
        assert link.is_gone(NOW)
        assert link.is_gone(NOW + SECOND)


class TestCache:
    def test_is_off_unless_the_owner_wants_it(self) -> None:
        assert make_link().cache_seconds(NOW) == 0
        assert make_link(max_age=0).cache_seconds(NOW) == 0
        assert make_link(max_age=60).cache_seconds(NOW) == 60

    def test_never_outlives_the_link(self) -> None:
        link = make_link(max_age=60, expires_at=NOW + 30 * SECOND)
        assert link.cache_seconds(NOW) == 30
        assert link.cache_seconds(NOW + 29.5 * SECOND) == 0

    @given(st.integers(-10, 10**9), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)))
    def test_what_is_remembered_is_still_true(self, max_age: int, life: timedelta) -> None:
        seconds = make_link(max_age=max_age, expires_at=NOW + life).cache_seconds(NOW)
        assert 0 <= seconds <= max(max_age, 0)
        assert timedelta(seconds=seconds) <= life
