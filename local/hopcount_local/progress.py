"""What a command tells while it works."""

from __future__ import annotations

import time


class Progress:
    """Prints lines with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        """Print one line now."""
        print(f"[{time.monotonic() - self._start:5.1f} s] {text}", flush=True)
