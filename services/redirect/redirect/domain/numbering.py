"""How clicks get their ids: each sandbox names itself and counts from zero."""

from __future__ import annotations

import threading
from collections.abc import Callable

PRODUCER_LENGTH = 22  # 131 bits: two sandboxes never draw the same name


class ClickNumbers:
    """Hands out (producer, sequence), each once.

    The name is drawn with the first number, not with the object: a snapshot of a started sandbox may be
    restored many times, and the copies must not share a name.

    Parameters
    ----------
    draw
        Gives so many random letters and digits.
    """

    def __init__(self, draw: Callable[[int], str]) -> None:
        self._draw = draw
        self._lock = threading.Lock()
        self._producer: str | None = None
        self._next = 0

    def take(self) -> tuple[str, int]:
        """Return this sandbox's name and the next number."""
        with self._lock:
            if self._producer is None:
                self._producer = self._draw(PRODUCER_LENGTH)
            sequence = self._next
            self._next += 1
            return self._producer, sequence
