"""The use cases: report a link's statistics, report an account's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import date
from itertools import islice
from typing import Protocol, TypeVar

from analytics.domain.codes import is_short_code
from analytics.domain.periods import DayRange, PeriodRequest, parse_period
from analytics.domain.statistics import (
    AccountStatistics,
    Clicks,
    DayCounts,
    Link,
    LinkClicks,
    LinkStatistics,
    Summary,
)
from hopcount_shared.errors import NotFoundError
from hopcount_shared.times import Clock

MAX_LINKS_IN_SERIES = 1000
"""How many links' days are read for an account's series: those that were followed most."""

LINKS_PER_READ = 100
"""How many links `find_links` may be asked for."""

_READERS = 8
_LINKS_PER_ROUND = 4 * _READERS

T = TypeVar("T")


class StatisticsRepository(Protocol):
    """Where counts are read, by several threads at once."""

    def find_link(self, short_code: str) -> Link | None:
        """Return a link that is there and not deleted."""

    def find_days(self, short_code: str, days: DayRange) -> Mapping[date, DayCounts]:
        """Return the counters of those UTC days of the range that have any."""

    def find_link_codes(self, user_id: str) -> Sequence[str]:
        """Return the code of every link that somebody has, or had and deleted, each once."""

    def find_links(self, short_codes: Sequence[str]) -> Sequence[Link]:
        """Return those of at most `LINKS_PER_READ` links that are there, deleted or not."""


class StatisticsService:
    """Reports to owners.

    Parameters
    ----------
    repository
        Where counts are read.
    clock
        The time.
    """

    def __init__(self, repository: StatisticsRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    def get_link_stats(self, user_id: str, short_code: str, request: PeriodRequest) -> LinkStatistics:
        """Return the statistics of a link of this user.

        Raises
        ------
        hopcount_shared.errors.InvalidInputError
            If the request makes no period.
        hopcount_shared.errors.NotFoundError
            If there is no such link, it is deleted, or it is somebody else's: the answers are the same.
        """
        missing = NotFoundError("no such link")
        if not is_short_code(short_code):
            raise missing
        period = parse_period(request, self._clock())
        with ThreadPoolExecutor(max_workers=1) as pool:
            days = pool.submit(self._repository.find_days, short_code, period.utc_days)
            link = self._repository.find_link(short_code)
        if link is None or link.owner != user_id:
            raise missing
        summary = Summary(period)
        summary.add(days.result())
        return LinkStatistics(link, summary)

    def get_account_stats(
        self, user_id: str, request: PeriodRequest, top: int, time_left: Callable[[], float]
    ) -> AccountStatistics:
        """Return the statistics of all links that this user ever had.

        Parameters
        ----------
        user_id
            Whose links.
        request
            The period of the series.
        top
            How many links to name.
        time_left
            Seconds that there are. When they are over, no more links' days are read, and the answer says how
            many were.

        Raises
        ------
        hopcount_shared.errors.InvalidInputError
            If the request makes no period.
        """
        period = parse_period(request, self._clock())
        summary = Summary(period)
        in_period: list[tuple[Link, Clicks]] = []
        with ThreadPoolExecutor(max_workers=_READERS) as pool:
            links = self._find_links(user_id, pool)
            followed = _most_followed(links)
            for some in _batches(followed[:MAX_LINKS_IN_SERIES], _LINKS_PER_ROUND):
                if time_left() <= 0:
                    break
                days = pool.map(
                    lambda link: self._repository.find_days(link.short_code, period.utc_days), some
                )
                in_period += [(link, summary.add(found)) for link, found in zip(some, days, strict=True)]
        return AccountStatistics(
            links=len(links),
            followed=len(followed),
            in_series=len(in_period),
            all_time=sum((link.all_time for link in links), Clicks()),
            top=_top(in_period, top),
            summary=summary,
        )

    def _find_links(self, user_id: str, pool: Executor) -> Sequence[Link]:
        codes = self._repository.find_link_codes(user_id)
        found = pool.map(self._repository.find_links, _batches(codes, LINKS_PER_READ))
        return [link for some in found for link in some if link.owner == user_id]


def _most_followed(links: Sequence[Link]) -> Sequence[Link]:
    followed = [link for link in links if link.all_time.total]
    return sorted(followed, key=lambda link: (-link.all_time.total, link.short_code))


def _top(in_period: Sequence[tuple[Link, Clicks]], limit: int) -> Sequence[LinkClicks]:
    followed = [
        LinkClicks(link.short_code, counts) for link, counts in in_period if counts.total and not link.deleted
    ]
    return sorted(followed, key=lambda link: (-link.counts.clicks, link.short_code))[:limit]


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
