"""For how long, and at what pace, something is tried again."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from analytics.counting.ports import BusyError

_FIRST_WAIT = 0.025
_LONGEST_WAIT = 1.0

R = TypeVar("R")


@dataclass(frozen=True)
class Patience:
    """The time there is, and how it is waited.

    Parameters
    ----------
    time_left
        Seconds until no further try may start.
    wait
        Waits that many seconds.
    jitter
        Picks a number between two.
    """

    time_left: Callable[[], float]
    wait: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform

    def pause(self, tries: int) -> None:
        """Wait before another try: full jitter over 25 ms, doubled with each try so far, at most 1 s."""
        longest = min(_FIRST_WAIT * 2**tries, _LONGEST_WAIT, max(0.0, self.time_left()))
        self.wait(self.jitter(0, longest))

    def insist(self, call: Callable[[], R]) -> R:
        """Call until it is not busy, and return what it returns.

        Only for calls that do no harm when they happen twice: a busy one may have happened.

        Raises
        ------
        BusyError
            If the time is up.
        """
        tries = 0
        while True:
            try:
                return call()
            except BusyError:
                if self.time_left() <= 0:
                    raise
                self.pause(tries)
                tries += 1
