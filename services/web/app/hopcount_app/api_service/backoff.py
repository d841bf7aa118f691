"""Asking again: later and later, never in step with others, and not for ever."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from hopcount_app.api_service.errors import OfflineError
from hopcount_app.transport import Response

WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
"""What goes away by itself."""


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return for how many seconds an answer asks to wait: it says so in seconds, or by a date.

    Parameters
    ----------
    headers
        Of the answer, by lower-case names.
    now
        The time, in seconds since 1970.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((aware - datetime.fromtimestamp(now, UTC)).total_seconds(), 0.0)


@dataclass(frozen=True)
class Backoff:
    """Exponential backoff with full jitter.

    Parameters
    ----------
    tries
        How often something is asked at most.
    first, longest
        Seconds: a pause is anything from nothing to `first`, then twice that, and so on up to `longest`.
    total
        Seconds after which nothing is asked again, and beyond which nobody is made to wait.
    clock, sleep, chance
        The time in seconds since 1970, how to wait, and a number from 0 to 1.
    """

    tries: int = 4
    first: float = 0.4
    longest: float = 8.0
    total: float = 20.0
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    async def run(self, ask: Callable[[], Awaitable[Response]], *, repeatable: bool) -> Response:
        """Ask, and again if that may help and does no harm.

        Parameters
        ----------
        ask
            Sends the request once.
        repeatable
            Whether the same request may be sent twice: it only reads, or it carries a key.

        Returns
        -------
        Response
            The last answer, of whatever status.

        Raises
        ------
        hopcount_app.api_service.errors.OfflineError
            If the last try got no answer.
        """
        begun = self.clock()
        for attempt in range(self.tries):
            is_last = not repeatable or attempt == self.tries - 1
            asked_for = None
            try:
                response = await ask()
            except OfflineError:
                if is_last or not await self._wait(attempt, asked_for, begun):
                    raise
                continue
            asked_for = retry_after(response.headers, self.clock())
            if response.status not in WORTH_ANOTHER_TRY or is_last:
                return response
            if not await self._wait(attempt, asked_for, begun):
                return response
        raise AssertionError("the last try returns or raises")  # pragma: no cover

    async def _wait(self, attempt: int, asked_for: float | None, begun: float) -> bool:
        """Wait before the next try; return false, at once, if that would take too long."""
        pause = (asked_for or 0.0) + self.chance() * min(self.first * 2**attempt, self.longest)
        if self.clock() - begun + pause > self.total:
            return False
        await self.sleep(pause)
        return True
