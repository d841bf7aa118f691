"""Reading the links: pages of lists, single links, and what is asked again because nobody is sure of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from typing import Any

from hopcount_app.api_service.errors import NotFoundError, ServiceError
from hopcount_app.api_service.models import Link
from hopcount_app.api_service.service import ApiService
from hopcount_app.store.known import Known
from hopcount_app.store.listing import Listing

PAGE = 50
"""Links asked for at a time."""
RECENT = 100
"""Links among which one is looked for that may have been made a moment ago."""
SORTED = 2000
"""Links read for an order other than the backend's; what is older waits until somebody scrolls there."""


class Tasks:
    """What goes on by itself, whichever view is open."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Start something; it is kept until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def stop(self) -> None:
        """End it all."""
        for task in list(self._running):
            task.cancel()


class Reader:
    """Fills `known`.

    Parameters
    ----------
    changed
        Called whenever there is something new to show.
    """

    def __init__(
        self,
        api: ApiService,
        known: Known,
        tasks: Tasks,
        changed: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        self.live = Listing()
        self.trash = Listing(deleted=True)
        self._api = api
        self._known = known
        self._tasks = tasks
        self._changed = changed
        self._clock = clock
        self._doubts: set[str] = set()
        self._stale: list[Listing] = []

    async def refresh(self, listing: Listing) -> None:
        """Read the beginning of a list, again if need be."""
        await self._read(listing, first=True)

    async def more(self, listing: Listing) -> None:
        """Read on, where there is more and nobody is reading yet."""
        if listing.loaded and not listing.complete and not listing.loading:
            await self._read(listing, first=False)

    async def read_all(self, listing: Listing) -> None:
        """Read on to the end, or to the first `SORTED` links or so."""
        seen = 0
        while not (listing.complete or listing.error) and seen < SORTED:
            await self._read(listing, first=not listing.loaded)
            seen += PAGE

    async def _read(self, listing: Listing, *, first: bool) -> None:
        turn, before = listing.begin(), dict(self._known.links)
        top = None if first else listing.floor
        self._changed()
        try:
            page = await self._api.links(
                query=listing.query,
                deleted=listing.deleted,
                cursor=None if first else listing.cursor,
                limit=RECENT if first and listing in self._stale else PAGE,
            )
        except ServiceError as error:
            if listing.turn == turn:
                listing.error = error
        else:
            for link in page.items:
                self._known.learn(link)
            if listing.turn == turn:
                self._question(listing, before, listing.missing(before.values(), page, top))
                listing.advance(page, first=first)
                if first and listing in self._stale:
                    self._stale.remove(listing)
            self.resolve()
        finally:
            if listing.turn == turn:
                listing.loading = False
            self._changed()

    def _question(self, listing: Listing, before: Mapping[str, Link], missing: Iterable[Link]) -> None:
        """Doubt links that a page passes over, unless they changed since it was asked for."""
        for link in missing:
            if self._known.get(link.id) is not before[link.id]:
                continue
            if link.id not in self._known.ours and not listing.query:
                self._known.forget(link.id)
            if listing.deleted or listing.query or link.id in self._known.ours:
                self._doubts.add(link.id)

    async def load(self, code: str) -> Link:
        """Return a link as the backend has it now, with its ETag.

        Raises
        ------
        hopcount_app.api_service.errors.ServiceError
            If it cannot be had.
        """
        while True:
            before = self._known.get(code)
            try:
                link = await self._api.link(code)
            except NotFoundError:
                if self._known.get(code) is before:
                    self._known.mark_deleted(code, self._clock())
                    raise
            else:
                self._known.learn(link, sure=self._known.get(code) is before)
                return self._known.links[code]
            finally:
                self._changed()

    def doubt(self, code: str) -> None:
        """Ask for a link again, until there is an answer."""
        self._doubts.add(code)
        self._tasks.start(self._resolve(code))

    def doubt_list(self, listing: Listing) -> None:
        """Read the beginning of a list again, if somebody has seen it, until there is an answer."""
        if listing.loaded or listing.loading:
            listing.turn += 1  # what is being read was asked for before
            if listing not in self._stale:
                self._stale.append(listing)
            self._tasks.start(self.refresh(listing))

    def resolve(self) -> None:
        """Ask again for everything that is doubtful: the backend answers."""
        for code in self._doubts:
            self._tasks.start(self._resolve(code))
        for listing in self._stale:
            if not listing.loading:
                self._tasks.start(self.refresh(listing))

    def clear(self) -> None:
        """Be as if nobody had looked."""
        self._doubts.clear()
        self._stale.clear()
        self.live.reset()
        self.trash.reset()

    async def _resolve(self, code: str) -> None:
        if code not in self._doubts:
            return
        self._doubts.discard(code)
        try:
            await self.load(code)
        except NotFoundError:
            if self._known.get(code) is None:
                self.doubt_list(self.trash)
        except ServiceError:
            self._doubts.add(code)
