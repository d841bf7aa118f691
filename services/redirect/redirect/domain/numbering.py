"""How clicks get their ids: each sandbox names itself and counts from zero."""

import threading

from hopcount_shared.base62 import Choose, random_text

PRODUCER_LENGTH = 22  # 131 bits: two sandboxes never draw the same name


class ClickNumbers:
    """Hands out (producer, sequence), each once.

    The name is drawn with the first number, not with the object: a snapshot of a started sandbox may be
    restored many times, and the copies must not share a name.

    Parameters
    ----------
    choose
        The random source.
    """

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self._lock = threading.Lock()
        self._producer: str | None = None
        self._next = 0

    def take(self) -> tuple[str, int]:
        """Return this sandbox's name and the next number."""
        with self._lock:
            if self._producer is None:
                self._producer = random_text(PRODUCER_LENGTH, self._choose)
            sequence = self._next
            self._next += 1
            return self._producer, sequence
