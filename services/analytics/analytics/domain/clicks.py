"""A click, and for how long it can be proved that it was not counted before."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hopcount_shared.errors import MessageRejectedError

MAX_CLOCK_SKEW = timedelta(minutes=5)
"""How far a producer's clock may be ahead of ours."""

CLAIM_MARGIN = timedelta(days=1)
"""How much longer a claim is kept than a click is accepted.

Our clock and the one that expires claims differ: without a margin, a click accepted in the last moment
of the horizon could find its claim gone, and count twice.
"""


@dataclass(frozen=True)
class Click:
    """One visitor following one link, once.

    Parameters
    ----------
    short_code
        The link's code.
    user_id
        Who owned the link when it was followed.
    producer, sequence
        The redirect that saw it and how many it had seen before. Together they name the click for ever.
    occurred_at
        The producer's clock, aware. It decides the day, also when the click is delivered again later.
    """

    short_code: str
    user_id: str
    producer: str
    sequence: int
    occurred_at: datetime

    @property
    def id(self) -> str:
        """What the claim on this click is named after."""
        return click_id(self.producer, self.sequence)

    @property
    def day(self) -> str:
        """The UTC day it counts for, `YYYY-MM-DD`."""
        return self.occurred_at.astimezone(UTC).date().isoformat()

    @property
    def hour(self) -> int:
        """The UTC hour it counts for, 0 to 23."""
        return self.occurred_at.astimezone(UTC).hour

    def claim_expires_at(self, horizon: timedelta) -> int:
        """Return when its claim may go, in epoch seconds: a day after nobody accepts the click any more."""
        return int((self.occurred_at + horizon + CLAIM_MARGIN).timestamp())


def click_id(producer: str, sequence: int) -> str:
    """Return the id of a producer's click."""
    return f"{producer}:{sequence}"


def ensure_provable(occurred_at: datetime, now: datetime, horizon: timedelta) -> None:
    """Check that claims as old as this click are still kept, and that its clock can be right.

    Parameters
    ----------
    occurred_at
        When the click says that it happened.
    now
        The time, aware.
    horizon
        For how long claims are kept.

    Raises
    ------
    hopcount_shared.errors.MessageRejectedError
        If the click is older than the horizon, so that its claim may be gone, or lies in the future.
    """
    age = now - occurred_at
    if age > horizon:
        raise MessageRejectedError("too old to prove")
    if age < -MAX_CLOCK_SKEW:
        raise MessageRejectedError("in the future")
