import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopcount_shared.base62 import ALPHABET, from_bytes, random_text


def every(step: int) -> Callable[[Sequence[str]], str]:
    numbers = iter(range(step, 1000, step))
    return lambda alphabet: alphabet[next(numbers)]


def test_alphabet_is_digits_and_letters() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 62
    assert re.fullmatch("[0-9A-Za-z]{62}", ALPHABET)


@pytest.mark.parametrize("length", [0, 1, 7, 22])
def test_random_text_has_the_length_asked_for(length: int) -> None:
    assert re.fullmatch(f"[0-9A-Za-z]{{{length}}}", random_text(length))


def test_random_text_comes_from_the_source_given() -> None:
    assert random_text(5, every(1)) == "12345"
    assert random_text(5, every(2)) == "2468A"


def test_random_texts_differ() -> None:
    assert len({random_text(22) for _ in range(1000)}) == 1000


@given(st.binary(min_size=1, max_size=64), st.integers(0, 40))
def test_from_bytes_depends_on_the_bytes_alone(data: bytes, length: int) -> None:
    text = from_bytes(data, length)
    assert re.fullmatch(f"[0-9A-Za-z]{{{length}}}", text)
    assert text == from_bytes(data, length)


@given(st.integers(0, 62**10 - 1), st.integers(0, 62**10 - 1))
def test_from_bytes_keeps_numbers_apart_that_fit(one: int, other: int) -> None:
    texts = {from_bytes(number.to_bytes(8), 10) for number in (one, other)}
    assert len(texts) == len({one, other})
