"""How often a visitor waited for no read, and how old what they got was: a line for CloudWatch now and then.

The line is written by hand in the embedded metric format, for many redirects at once: one for each would
cost as much as the rest of a redirect.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SECONDS = 60.0
"""At least so much between two lines. What a sandbox counted after its last line goes with it."""

_UNITS = {"CacheHits": "Count", "CacheMisses": "Count", "StaleAnswers": "Count", "StaleSeconds": "Seconds"}


class CacheMetrics:
    """Counts what the cache does.

    Parameters
    ----------
    stage
        The deployment's stage, one of the two dimensions.
    clock
        Seconds since 1970.

    Attributes
    ----------
    hits, misses
        Answers without a read, and reads.
    stale
        Answers from a copy that was too old, since the table failed.
    stale_seconds
        The oldest such copy's age.
    """

    def __init__(self, stage: str, clock: Callable[[], float]) -> None:
        self._stage = stage
        self._clock = clock
        self._written_at: float | None = None
        self._reset()

    def _reset(self) -> None:
        self.hits = 0
        self.misses = 0
        self.stale = 0
        self.stale_seconds = 0.0

    def count_stale(self, age: float) -> None:
        """Count an answer from a copy of so many seconds."""
        self.stale += 1
        self.stale_seconds = max(self.stale_seconds, age)

    def write(self) -> None:
        """Write a line if it is time for one, and count from zero again."""
        now = self._clock()
        if self._written_at is not None and 0 <= now - self._written_at < SECONDS:
            return
        self._written_at = now
        sys.stdout.write(json.dumps(self._line(now)) + "\n")
        sys.stdout.flush()
        self._reset()

    def _line(self, now: float) -> dict[str, Any]:
        return {
            "_aws": {
                "Timestamp": int(now * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Hopcount",
                        "Dimensions": [["Service", "Stage"]],
                        "Metrics": [{"Name": name, "Unit": unit} for name, unit in _UNITS.items()],
                    }
                ],
            },
            "Service": "redirect",
            "Stage": self._stage,
            "CacheHits": self.hits,
            "CacheMisses": self.misses,
            "StaleAnswers": self.stale,
            "StaleSeconds": round(self.stale_seconds, 3),
        }
