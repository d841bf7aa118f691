"""Wait for something to become true, never for time to pass."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(read: Callable[[], T], holds: Callable[[T], bool], *, seconds: float = 30, every: float = 0.1) -> T:
    """Read again and again until the value holds, and return it.

    Raises
    ------
    AssertionError
        With the last value, when the deadline has passed.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = read()
        if holds(value):
            return value
        assert time.monotonic() < deadline, f"after {seconds} s it is still {value!r}"
        time.sleep(every)
