"""Failures that somebody who works on the app can switch on, in debug mode alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from hopcount_app.api_service.errors import (
    ForbiddenError,
    OfflineError,
    RateLimitedError,
    ServerError,
    ServiceError,
)

SLOW_SECONDS = 2.0
RETRY_AFTER_SECONDS = 3.0


class Fault(StrEnum):
    """What happens to every request."""

    NONE = "none"
    SLOW = "slow"
    OFFLINE = "offline"
    RATE_LIMITED = "429"
    FORBIDDEN = "403"
    FAILING = "500"


@dataclass
class Faults:
    """Which failure is on.

    Parameters
    ----------
    mode
        It.
    sleep
        How to wait, in seconds.
    """

    mode: Fault = Fault.NONE
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def strike(self) -> None:
        """Do to a request what is switched on: let it pass, hold it up, or fail it."""
        await self.sleep(SLOW_SECONDS if self.mode is Fault.SLOW else 0)
        error = self._error()
        if error is not None:
            raise error

    def _error(self) -> ServiceError | None:
        match self.mode:
            case Fault.OFFLINE:
                return OfflineError()
            case Fault.RATE_LIMITED:
                return RateLimitedError(retry_after=RETRY_AFTER_SECONDS)
            case Fault.FORBIDDEN:
                return ForbiddenError()
            case Fault.FAILING:
                return ServerError()
        return None
