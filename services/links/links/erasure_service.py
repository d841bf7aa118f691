"""The use case of forgetting somebody: all their links, but not that the codes are taken."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hopcount_shared.times import Clock, utc_now
from links.domain.link import Position
from links.ports import LinkRepository

WRITERS = 20
"""Links that are erased at once. The connections of a client suffice for them."""

PAGE = 500


@dataclass(frozen=True)
class Erased:
    """What one run came to.

    Parameters
    ----------
    number
        How many links it erased.
    finished
        Whether none was left when it ended. If not, the next run goes on.
    """

    number: int
    finished: bool


class LinkEraser:
    """Erases the links of whoever is gone."""

    def __init__(self, links: LinkRepository, *, clock: Clock = utc_now) -> None:
        self._links = links
        self._clock = clock

    def erase_links(self, owner: str, time_left: Callable[[], float]) -> Erased:
        """Erase all of somebody's links, or as many as there is time for; again does no harm.

        Parameters
        ----------
        owner
            The `sub` of whoever is gone.
        time_left
            Seconds that there are: what is begun when they are over is finished, and nothing else begun.
        """
        number = 0
        for deleted in (False, True):
            after: Position | None = None
            while True:
                places = self._links.list_positions(owner, deleted=deleted, after=after, limit=PAGE)
                with ThreadPoolExecutor(WRITERS) as pool:
                    erased = pool.map(lambda place: time_left() > 0 and self._erase(place, owner), places)
                    number += sum(erased)
                if time_left() <= 0:
                    return Erased(number, finished=False)
                if len(places) < PAGE:
                    break
                after = places[-1]
        return Erased(number, finished=True)

    def _erase(self, place: Position, owner: str) -> bool:
        return self._links.erase_link(place.link_id, owner, self._clock())
