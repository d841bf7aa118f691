"""What people do in the app, counted without saying who: batches of events for `POST /events`.

Nothing here tells people apart: no id, no address, no link. What cannot be handed in is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from hopcount_app.api_service import errors
from hopcount_app.storage import MemoryStorage, Storage

Name = Literal[
    "screen", "sign_in", "sign_up", "link_created", "link_edited", "link_deleted", "link_restored", "error"
]
Screen = Literal[
    "links",
    "new",
    "details",
    "trash",
    "account",
    "about",
    "sign_in",
    "sign_up",
    "confirm",
    "forgot",
    "not_found",
]
ErrorKind = Literal[
    "offline",
    "rate_limited",
    "forbidden",
    "invalid",
    "conflict",
    "not_found",
    "session_over",
    "server",
    "unexpected",
]
Result = Literal["ok", "failed"]
Event = dict[str, object]

KEY = "hopcount.usage"
BATCH = 25
MOST_WAITING = 100
PATIENCE_SECONDS = 10.0
LONGEST_MILLISECONDS = 600_000
_KINDS: dict[type[BaseException], ErrorKind] = {
    errors.OfflineError: "offline",
    errors.RateLimitedError: "rate_limited",
    errors.ForbiddenError: "forbidden",
    errors.InvalidError: "invalid",
    errors.ConflictError: "conflict",
    errors.NotFoundError: "not_found",
    errors.SessionOverError: "session_over",
    errors.ServerError: "server",
}


async def _nowhere(_events: list[Event]) -> None:
    """Hand in nothing."""


@dataclass
class Usage:
    """Collects events and hands them in: 25 at once, or what there is after ten seconds.

    Parameters
    ----------
    send
        Hands events in.
    storage
        Where the choice of whoever uses this browser is kept.
    is_on
        Whether anything is collected at all: not in debug mode, and not where the browser says no.
    region
        Returns the region that is used.
    since_opened
        Returns how many milliseconds ago the app was opened, where that is known.
    clock, sleep
        The time, aware, and how to wait, in seconds.
    """

    send: Callable[[list[Event]], Awaitable[None]] = _nowhere
    storage: Storage = field(default_factory=MemoryStorage)
    is_on: bool = False
    region: Callable[[], str | None] = lambda: None
    since_opened: Callable[[], float | None] = lambda: None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def __post_init__(self) -> None:
        """Begin with nothing to tell."""
        self.is_allowed = True
        self._is_opening = True
        self._waiting: list[Event] = []
        self._timer: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def resume(self) -> None:
        """Take up what was chosen in this browser before."""
        self.is_allowed = await self.storage.get(KEY) != "off"
        self._forget_if_unwanted()

    async def allow(self, *, allowed: bool) -> None:
        """Remember whether whoever uses this browser wants to be counted."""
        self.is_allowed = allowed
        if allowed:
            await self.storage.remove(KEY)
        else:
            await self.storage.set(KEY, "off")
        self._forget_if_unwanted()

    def record(
        self,
        name: Name,
        *,
        screen: Screen | None = None,
        kind: ErrorKind | None = None,
        result: Result | None = None,
        milliseconds: float | None = None,
    ) -> None:
        """Remember that something was done; beyond a hundred that wait, the oldest are forgotten."""
        if not (self.is_on and self.is_allowed):
            return
        told: Event = {
            "name": name,
            "at": self.clock().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "screen": screen,
            "kind": kind,
            "result": result,
            "region": self.region(),
            "milliseconds": None if milliseconds is None else _bounded(milliseconds),
        }
        self._waiting.append({field: value for field, value in told.items() if value is not None})
        del self._waiting[:-MOST_WAITING]
        self._hand_in_later()

    def record_screen(self, screen: Screen) -> None:
        """Remember that a view was opened; of the first, how long the app took to show it."""
        milliseconds = self.since_opened() if self._is_opening else None
        self._is_opening = False
        self.record("screen", screen=screen, milliseconds=milliseconds)

    def record_error(self, error: BaseException) -> None:
        """Remember which kind of error somebody met; its words stay here."""
        self.record("error", kind=_KINDS.get(type(error), "unexpected"))

    async def flush(self) -> None:
        """Hand in what waits, now: the page may be left."""
        while self._waiting:
            events = self._waiting[:BATCH]
            del self._waiting[:BATCH]
            try:
                await self.send(events)
            except errors.ServiceError:
                return  # it is lost, and that is all right

    def _hand_in_later(self) -> None:
        if len(self._waiting) >= BATCH:
            self._start(self.flush())
        elif self._timer is None or self._timer.done():
            self._timer = self._start(self._wait_and_flush())

    async def _wait_and_flush(self) -> None:
        await self.sleep(PATIENCE_SECONDS)
        await self.flush()

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)  # else it might be forgotten before it is done
        task.add_done_callback(self._tasks.discard)
        return task

    def _forget_if_unwanted(self) -> None:
        if not (self.is_on and self.is_allowed):
            self._waiting.clear()


def _bounded(milliseconds: float) -> int:
    """Round to ten: no more is needed, and less tells anything about anybody."""
    return max(0, min(10 * round(milliseconds / 10), LONGEST_MILLISECONDS))
