"""Follow a link."""

from dataclasses import dataclass
from typing import Any, Protocol

from hopcount_shared.errors import GoneError, NotFoundError
from hopcount_shared.events import Envelope
from hopcount_shared.times import Clock
from redirect.domain.link import Link, is_code
from redirect.domain.location import to_location
from redirect.domain.numbering import ClickNumbers
from redirect.domain.visit import Visit
from redirect.events import link_clicked


class Links(Protocol):
    """Where links are read."""

    def get(self, code: str) -> Link | None:
        """Return the link, or None; raise `UnavailableError` if it cannot be read."""


class Clicks(Protocol):
    """Where clicks go."""

    def record(self, click: Envelope[Any]) -> None:
        """Take the click; never raise."""


@dataclass(frozen=True)
class Redirection:
    """Where a visitor is sent.

    Parameters
    ----------
    location
        The target, safe in a header.
    status
        HTTP status.
    cache_seconds
        For how long the visitor's browser may remember it; 0 for not at all.
    """

    location: str
    status: int
    cache_seconds: int


class Redirector:
    """Sends visitors on and records their clicks.

    Parameters
    ----------
    links, clicks
        Where links are read and clicks go.
    numbers
        Names the clicks.
    clock
        The current time.
    """

    def __init__(self, links: Links, clicks: Clicks, numbers: ClickNumbers, clock: Clock) -> None:
        self._links = links
        self._clicks = clicks
        self._numbers = numbers
        self._clock = clock

    def follow(self, code: str, visit: Visit, correlation_id: str | None = None) -> Redirection:
        """Decide where a code leads, and record the click if the visit counts.

        Raises
        ------
        hopcount_shared.errors.NotFoundError
            If there is no such link.
        hopcount_shared.errors.GoneError
            If there was one.
        hopcount_shared.errors.UnavailableError
            If nobody can tell now.
        """
        link = self._links.get(code) if is_code(code) else None
        if link is None:
            raise NotFoundError("there is no link at this address")
        now = self._clock()
        if link.is_gone(now):
            raise GoneError("this link was deleted or has expired")
        location = to_location(link.url)
        if visit.counts:
            self._clicks.record(link_clicked(link, visit, self._numbers.take(), now, correlation_id))
        # A browser that remembered a prefetched answer would follow it uncounted.
        return Redirection(location, link.status, link.cache_seconds(now) if visit.counts else 0)
