"""Follow a link."""

from __future__ import annotations

from datetime import datetime

from hopcount_shared.errors import GoneError, NotFoundError
from hopcount_shared.times import Clock
from redirect.domain.link import DisabledError, Link, is_code
from redirect.domain.location import to_location
from redirect.domain.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Links(Protocol):
        """Where links are read."""

        def get(self, code: str) -> Link | None:
            """Return the link, or None if a strongly consistent read shows none.

            Raises
            ------
            hopcount_shared.errors.UnavailableError
                If it cannot be read.
            """


class Redirection(Value):
    """Where a visitor is sent.

    Parameters
    ----------
    link
        The link that is followed.
    location
        The target, safe in a header.
    cache_seconds
        For how long the visitor's browser may remember it; 0 for not at all.
    at
        When it was decided.
    """

    __slots__ = ("at", "cache_seconds", "link", "location")

    def __init__(self, link: Link, location: str, cache_seconds: int, at: datetime) -> None:
        self.link = link
        self.location = location
        self.cache_seconds = cache_seconds
        self.at = at


class Redirector:
    """Knows where codes lead.

    Parameters
    ----------
    links
        Where links are read.
    clock
        The current time.
    """

    def __init__(self, links: Links, clock: Clock) -> None:
        self._links = links
        self._clock = clock

    def follow(self, code: str, query: str, *, counts: bool) -> Redirection:
        """Decide where a code leads.

        Parameters
        ----------
        code
            What the visitor asks for, whatever it is.
        query
            The query of the visitor's request, as it came.
        counts
            Whether the visit is a click.

        Raises
        ------
        hopcount_shared.errors.NotFoundError
            If there is no such link.
        hopcount_shared.errors.GoneError
            If there was one.
        redirect.domain.link.DisabledError
            If there is one that nobody may follow.
        hopcount_shared.errors.UnavailableError
            If nobody can tell now.
        """
        link = self._links.get(code) if is_code(code) else None
        if link is None:
            raise NotFoundError("there is no link at this address")
        now = self._clock()
        if link.is_gone(now):
            raise GoneError("this link was deleted or has expired")
        if link.disabled is not None:
            raise DisabledError(link.disabled)
        location = to_location(link.url, query if link.pass_query else "")
        # A browser that remembered a prefetched answer would follow it uncounted.
        return Redirection(link, location, link.cache_seconds(now) if counts else 0, now)
