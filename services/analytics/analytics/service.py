"""The use cases: consume a batch of clicks, report a link's statistics."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Protocol

from analytics.counting.count_clicks import ClickLedger, Outcome, Patience, count_clicks
from analytics.domain.clicks import Click, ensure_provable
from analytics.domain.codes import is_short_code
from analytics.domain.statistics import Clicks, DayRange, Link, LinkStatistics, daily_series, parse_range
from analytics.events import read_click
from hopcount_shared.errors import MessageRejectedError, NotFoundError
from hopcount_shared.observability import logger
from hopcount_shared.times import Clock


class StatisticsRepository(Protocol):
    """Where counts are read."""

    def find_link(self, short_code: str) -> Link | None:
        """Return a link that is there and not deleted."""

    def find_days(self, short_code: str, days: DayRange) -> Mapping[date, Clicks]:
        """Return the counts of those days of the range that have any."""


class ClickConsumer:
    """Counts what the queue delivers.

    Parameters
    ----------
    ledger
        Where clicks are counted.
    horizon
        For how long claims are kept, and therefore how old a click may be.
    clock
        The time.
    """

    def __init__(self, ledger: ClickLedger, horizon: timedelta, clock: Clock) -> None:
        self._ledger = ledger
        self._horizon = horizon
        self._clock = clock

    def consume_clicks(self, bodies: Mapping[str, str], patience: Patience) -> Mapping[str, Outcome]:
        """Count a batch.

        Parameters
        ----------
        bodies
            Message bodies by message id.
        patience
            The time there is.

        Returns
        -------
        collections.abc.Mapping
            What became of each message. One that cannot be read as a click is `REJECTED`: delivered often
            enough, it ends in the dead-letter queue.
        """
        clicks: dict[str, Click] = {}
        for message_id, body in bodies.items():
            try:
                clicks[message_id] = self._accept(body)
            except MessageRejectedError as error:
                logger.warning("click rejected", extra={"messageId": message_id, "reason": str(error)})
        counted = count_clicks(clicks, self._ledger, patience)
        return {message_id: counted.get(message_id, Outcome.REJECTED) for message_id in bodies}

    def _accept(self, body: str) -> Click:
        click = read_click(body)
        ensure_provable(click.occurred_at, self._clock(), self._horizon)
        return click


class StatisticsService:
    """Reports to owners.

    Parameters
    ----------
    repository
        Where counts are read. Called from two threads at once.
    clock
        The time.
    """

    def __init__(self, repository: StatisticsRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    def get_link_stats(
        self, user_id: str, short_code: str, first: str | None, last: str | None
    ) -> LinkStatistics:
        """Return the statistics of a link of this user.

        Raises
        ------
        hopcount_shared.errors.InvalidInputError
            If the days make no range.
        hopcount_shared.errors.NotFoundError
            If there is no such link, it is deleted, or it is somebody else's: the answers are the same.
        """
        missing = NotFoundError("no such link")
        if not is_short_code(short_code):
            raise missing
        days = parse_range(first, last, self._clock().date())
        with ThreadPoolExecutor(max_workers=1) as pool:
            counted = pool.submit(self._repository.find_days, short_code, days)
            link = self._repository.find_link(short_code)
        if link is None or link.owner != user_id:
            raise missing
        return LinkStatistics(short_code, days, link.all_time, daily_series(days, counted.result()))
