"""Random identifiers of letters and digits."""

import os
import string
from collections.abc import Callable, Sequence

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase

Choose = Callable[[Sequence[str]], str]
"""Picks one of several: `secrets.choice`, or a seeded `random.Random(n).choice` in a test."""


def random_text(length: int, choose: Choose | None = None) -> str:
    """Return `length` random characters of `[0-9A-Za-z]`, 5.95 bits each.

    Parameters
    ----------
    length
        How many characters.
    choose
        The random source; by default the operating system's cryptographic one.
    """
    if choose is None:
        # With 16 bytes to spare no character is likelier than another, to one part in 2**128.
        return from_bytes(os.urandom(length + 16), length)
    return "".join(choose(ALPHABET) for _ in range(length))


def from_bytes(data: bytes, length: int) -> str:
    """Return `length` characters of `[0-9A-Za-z]` that depend on nothing but `data`.

    The bytes are read as one number; give it a digest at least as long as the text wants
    (6 bits a character), or the first characters will be `0`.
    """
    number = int.from_bytes(data, "big")
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)
