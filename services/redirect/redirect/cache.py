"""Links that were read already: no second read for them, and something to go on when the table fails."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from hopcount_shared.errors import UnavailableError
from redirect.domain.link import Link
from redirect.metrics import CacheMetrics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from redirect.service import Links

KNOWN_LINKS = 5000
"""Links that are kept; at 2 KB of URL each, 15 MB."""

UNKNOWN_CODES = 1000
"""Codes without a link that are kept, apart: a scan for codes pushes no link out."""

UNKNOWN_SECONDS = 1.0
"""For how long a code without a link is not looked up again. Made in that second, it works in the next."""

PAUSE_SECONDS = 5.0
"""For how long a table that failed is not asked for what is known: asking costs a visitor seconds."""


class _Known:
    __slots__ = ("fresh_until", "link", "read_at")

    def __init__(self, link: Link, read_at: float, fresh_until: float) -> None:
        self.link = link
        self.read_at = read_at
        self.fresh_until = fresh_until


class CachedLinks:
    """Keeps what it reads.

    For one request at a time, as a sandbox has them: so nothing is read twice at once.

    Time is the wall clock's: others may stand still while a sandbox is frozen.

    Parameters
    ----------
    links
        Where links are read; its None is believed, so it has to come from a strongly consistent read.
    metrics
        Counts what was read from where.
    fresh_seconds
        For how long a link is not read again. Each is kept a little less, by chance, lest all sandboxes
        that read a link in the same moment do so again.
    stale_seconds
        For how long after its reading a link is good for while the table fails.
    clock
        Seconds since 1970.
    chance
        Gives a number between 0 and 1.
    """

    def __init__(
        self,
        links: Links,
        metrics: CacheMetrics,
        *,
        fresh_seconds: float,
        stale_seconds: float,
        clock: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self._links = links
        self._metrics = metrics
        self._fresh_seconds = fresh_seconds
        self._stale_seconds = stale_seconds
        self._clock = clock
        self._chance = chance
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._unknown: OrderedDict[str, float] = OrderedDict()
        self._failed_at: float | None = None

    def get(self, code: str) -> Link | None:
        """Return the link, or None.

        Raises
        ------
        UnavailableError
            If it cannot be read, and was not within the time that an old copy is good for.
        """
        now = self._clock()
        known = self._known.get(code)
        if known is not None and known.read_at <= now < known.fresh_until:
            self._known.move_to_end(code)
            self._metrics.hits += 1
            return known.link
        if known is None and 0 <= now - self._unknown.get(code, -UNKNOWN_SECONDS) < self._unknown_seconds():
            self._metrics.hits += 1
            return None
        if known is not None and self._is_paused(now) and self._is_good_enough(known, now):
            return self._old_copy(known, now)
        return self._read(code, known, now)

    def _read(self, code: str, known: _Known | None, now: float) -> Link | None:
        self._metrics.misses += 1
        try:
            link = self._links.get(code)
        except UnavailableError:
            self._failed_at = self._clock()
            if known is not None and self._is_good_enough(known, now):
                return self._old_copy(known, now)
            raise
        self._failed_at = None
        self._keep(code, link, now)
        return link

    def _keep(self, code: str, link: Link | None, now: float) -> None:
        if link is None:
            self._known.pop(code, None)
            self._unknown[code] = now
            self._unknown.move_to_end(code)
            if len(self._unknown) > UNKNOWN_CODES:
                self._unknown.popitem(last=False)
            return
        self._unknown.pop(code, None)
        self._known[code] = _Known(link, now, now + self._kept_for())
        self._known.move_to_end(code)
        if len(self._known) > KNOWN_LINKS:
            self._known.popitem(last=False)

    def _old_copy(self, known: _Known, now: float) -> Link:
        self._metrics.count_stale(now - known.read_at)
        return known.link

    def _is_paused(self, now: float) -> bool:
        return self._failed_at is not None and 0 <= now - self._failed_at < PAUSE_SECONDS

    def _is_good_enough(self, known: _Known, now: float) -> bool:
        return 0 <= now - known.read_at <= self._stale_seconds

    def _kept_for(self) -> float:
        return self._fresh_seconds * (0.9 + 0.1 * self._chance())

    def _unknown_seconds(self) -> float:
        return min(UNKNOWN_SECONDS, self._fresh_seconds)
