"""Count the clicks of one batch: each is tried until it is settled or the time is up.

Knows no AWS: the ledger is a port, and so are time and waiting.
"""

import enum
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from analytics.domain.clicks import Click
from hopcount_shared.observability import logger

_FIRST_WAIT = 0.025
_LONGEST_WAIT = 1.0


class Outcome(enum.Enum):
    """What became of a click."""

    COUNTED = "counted"
    DUPLICATE = "duplicate"
    """It had been counted before."""
    REJECTED = "rejected"
    """It is no click that can be counted: no such message is known, or no such link ever was."""
    BUSY = "busy"
    """Nobody knows yet: somebody else writes the same rows, or the answer was lost. Try again."""
    FAILED = "failed"
    """An error that trying again at once does not mend."""


SETTLED = frozenset({Outcome.COUNTED, Outcome.DUPLICATE})
"""Outcomes after which a message is done with."""


class ClickLedger(Protocol):
    """Where clicks are claimed and counted."""

    def count(self, click: Click) -> Outcome:
        """Claim a click and add it to its counters, all or nothing; never twice for one click id.

        Any error raised leaves the click either counted and claimed, or neither.
        """


@dataclass(frozen=True)
class Patience:
    """For how long a batch is worked on.

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


def count_clicks(
    clicks: Mapping[str, Click], ledger: ClickLedger, patience: Patience
) -> Mapping[str, Outcome]:
    """Count clicks, and say of each what became of it.

    Those that were busy are tried again in rounds, with a jittered wait that doubles, so that one contended
    link does not use up the time of the others. A click that time did not reach comes back as busy.

    Parameters
    ----------
    clicks
        Clicks by message id.
    ledger
        Where they are counted.
    patience
        The time there is.
    """
    outcomes = dict.fromkeys(clicks, Outcome.BUSY)
    pending = list(clicks)
    longest_wait = _FIRST_WAIT
    while pending:
        for message_id in pending:
            if patience.time_left() <= 0:
                return outcomes
            outcomes[message_id] = _try_once(clicks[message_id], ledger)
        pending = [message_id for message_id in pending if outcomes[message_id] is Outcome.BUSY]
        if pending:
            patience.wait(min(patience.jitter(0, longest_wait), max(0.0, patience.time_left())))
            longest_wait = min(longest_wait * 2, _LONGEST_WAIT)
    return outcomes


def _try_once(click: Click, ledger: ClickLedger) -> Outcome:
    try:
        return ledger.count(click)
    except Exception:  # noqa: BLE001  one click's failure, logged here, must not take its whole batch along
        logger.exception("click not counted", extra={"eventId": click.id, "shortCode": click.short_code})
        return Outcome.FAILED
