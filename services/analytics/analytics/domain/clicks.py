"""A click, what it counts as, and for how long it can be proved that it was not counted before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from hopcount_shared.errors import MessageRejectedError

MAX_CLOCK_SKEW = timedelta(minutes=5)
"""How far a producer's clock may be ahead of ours."""


class Visitor(NamedTuple):
    """What is counted of whoever clicked: people and machines apart, people by six dimensions.

    Parameters
    ----------
    is_bot
        Whether a program asked: a crawler, a link preview, a monitor. Its other values are not counted.
    country
        ISO 3166 alpha-2 in capitals, or `unknown`.
    device, browser, os
        Families, as the user-agent library names them, or `unknown`.
    referrer
        Host of the site that the visitor came from, or `direct`.
    language
        Primary subtag of the preferred language, lower case, or `unknown`.
    """

    is_bot: bool
    country: str
    device: str
    browser: str
    os: str
    referrer: str
    language: str


class Click(NamedTuple):
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
        The producer's clock, aware, UTC. It decides the day, also when the click is delivered again later.
    visitor
        What it counts as.
    """

    short_code: str
    user_id: str
    producer: str
    sequence: int
    occurred_at: datetime
    visitor: Visitor


class TooOldError(MessageRejectedError):
    """A click may have been counted and its claim forgotten: it is never counted on trust."""


@dataclass(frozen=True)
class Provable:
    """Which clicks can be proved not to have been counted before.

    Parameters
    ----------
    horizon
        For how long claims are kept.
    since
        When the claims that there are begin: a click from before may have been counted by a ledger that is
        lost.
    """

    horizon: timedelta
    since: datetime

    def check(self, occurred_at: datetime, now: datetime) -> None:
        """Check that claims as old as this click are still kept, and that its clock can be right.

        Raises
        ------
        TooOldError
            If its claim may be gone.
        hopcount_shared.errors.MessageRejectedError
            If it lies in the future.
        """
        if now - occurred_at > self.horizon or occurred_at < self.since:
            raise TooOldError("too old to prove")
        if occurred_at - now > MAX_CLOCK_SKEW:
            raise MessageRejectedError("in the future")


def click_id(producer: str, sequence: int) -> str:
    """Return the id of a producer's click."""
    return f"{producer}:{sequence}"
