"""Trying again what may succeed in a moment: two writers at one row get in each other's way."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from hopcount_shared.errors import UnavailableError

T = TypeVar("T")

TRIES = 5


class Patience:
    """Tries again, with full jitter over 50 ms, doubled each time: for a second and a half at most.

    Parameters
    ----------
    sleep, jitter
        The wait between tries. Arguments for tests.
    """

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._sleep = sleep
        self._jitter = jitter

    def with_call(self, call: Callable[[], T]) -> T:
        """Return what a call returns that may be made twice; raise what its last try raises."""
        for tried in range(1, TRIES):
            try:
                return call()
            except UnavailableError:
                self._sleep(self._jitter(0, 0.05 * 2**tried))
        return call()
