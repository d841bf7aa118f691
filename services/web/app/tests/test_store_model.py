"""Whatever comes in whatever order: once quiet, two tabs show what the backend has, and nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from services.web.app.tests.support import Api, Backend, deliver, idle, make_link, two_tabs

from hopcount_app.api_service.errors import (
    ForbiddenError,
    OfflineError,
    RateLimitedError,
    ServerError,
    ServiceError,
)
from hopcount_app.api_service.models import Link, LinkDraft
from hopcount_app.store import reading
from hopcount_app.store.links import LinkStore
from hopcount_app.store.listing import Listing
from hopcount_app.store.operations import Delete
from hopcount_app.store.toasts import Toasts

REFUSED = (RateLimitedError, ForbiddenError)
LOST = (OfflineError, ServerError)
which = st.integers(0, 5)
tab = st.sampled_from([0, 1])
word = st.sampled_from(["alpha", "beta", "gamma"])


class TwoTabs(RuleBasedStateMachine):
    """Two stores on one backend; requests, answers and messages take their time."""

    @initialize(links=st.integers(1, 4), opened=st.booleans())
    def start(self, links: int, opened: bool) -> None:
        self.patch = patch.object(reading, "PAGE", 3)
        self.patch.start()
        self.loop = asyncio.new_event_loop()
        self.backend = Backend({f"old{n}": make_link(f"old{n}", n, etag='"1"') for n in range(links)})
        self.waiting, *tabs = two_tabs()
        self.toasts = [Toasts(), Toasts()]
        self.stores = [
            LinkStore(Api(self.backend), toasts, tab, self.backend.clock)  # type: ignore[arg-type]
            for toasts, tab in zip(self.toasts, tabs, strict=True)
        ]
        self.numbers = count()
        self.operations: list[Any] = []
        if opened:
            for store in self.stores:
                self.begin(store.refresh(store.live))
            self.settle()

    def run(self, work: Any = None) -> None:
        async def go() -> None:
            if work is not None:
                work()
            await idle()

        self.loop.run_until_complete(go())

    def begin(self, coroutine: Any) -> None:
        self.run(lambda: self.stores[0]._tasks.start(coroutine))

    # What people do

    @rule(tab=tab, trash=st.booleans())
    def refresh(self, tab: int, trash: bool) -> None:
        self.begin(self.stores[tab].refresh(self.listing(tab, trash)))

    @rule(tab=tab, trash=st.booleans())
    def scroll(self, tab: int, trash: bool) -> None:
        self.begin(self.stores[tab].more(self.listing(tab, trash)))

    @rule(tab=tab, query=st.sampled_from(["", "", "old", "alpha"]))
    def search(self, tab: int, query: str) -> None:
        self.stores[tab].search(query)
        self.begin(self.stores[tab].refresh(self.stores[tab].live))

    @rule(tab=tab, alias=st.none() | word)
    def create(self, tab: int, alias: str | None) -> None:
        draft = LinkDraft(f"https://example.org/new/{next(self.numbers)}", alias)
        self.run(lambda: self.operations.append(self.stores[tab].create(draft)))

    @rule(tab=tab, index=which)
    def edit(self, tab: int, index: int) -> None:
        changes = {"original_url": f"https://example.net/edited/{next(self.numbers)}"}
        if row := self.row(tab, index, trash=False):
            store = self.stores[tab]
            self.run(lambda: self.operations.append(store.edit(row.key, changes, row.link.etag)))

    @rule(tab=tab, index=which)
    def delete(self, tab: int, index: int) -> None:
        if row := self.row(tab, index, trash=False):
            self.run(lambda: self.operations.append(self.stores[tab].delete(row.key)))

    @rule(tab=tab, index=which)
    def restore(self, tab: int, index: int) -> None:
        if row := self.row(tab, index, trash=True):
            self.run(lambda: self.operations.append(self.stores[tab].restore(row.key)))

    @rule(tab=tab)
    def press(self, tab: int) -> None:
        """Undo or Retry, whatever is offered."""
        for toast in self.toasts[tab].waiting[:1]:
            self.toasts[tab].dismiss(toast)
            if toast.on_action:
                self.run(toast.on_action)

    # What the network does

    @precondition(lambda self: self.backend.calls)
    @rule(index=which)
    def arrive(self, index: int) -> None:
        self.call(index).arrive()

    @precondition(lambda self: self.backend.calls)
    @rule(index=which)
    def answer(self, index: int) -> None:
        self.run(self.call(index).answer)

    @precondition(lambda self: self.backend.calls)
    @rule(index=which, error=st.sampled_from(REFUSED))
    def refuse(self, index: int, error: type[ServiceError]) -> None:
        call = self.call(index)
        if not call.is_done:
            self.run(lambda: call.fail(error()))  # type: ignore[call-arg]

    @precondition(lambda self: self.backend.calls)
    @rule(index=which, error=st.sampled_from(LOST))
    def lose(self, index: int, error: type[ServiceError]) -> None:
        """The request or its answer: nobody here can tell."""
        self.run(lambda: self.call(index).fail(error()))  # type: ignore[call-arg]

    @precondition(lambda self: self.waiting)
    @rule()
    def hear(self) -> None:
        self.run(lambda: deliver(self.waiting))

    # What must hold

    @invariant()
    def nothing_is_there_twice(self) -> None:
        for store in getattr(self, "stores", []):
            for listing in (store.live, store.trash):
                rows = store.rows(listing)
                keys = [row.key for row in rows]
                assert len(set(keys)) == len(keys)
                codes = [row.link.id for row in rows if not row.new]
                made = [self.backend.keys.get(row.key) for row in rows if row.new]
                assert len(set(codes)) == len(codes)
                assert not set(made) & set(codes)

    def teardown(self) -> None:
        if not hasattr(self, "stores"):
            return
        try:
            self.quiet()
            for tab, store in enumerate(self.stores):
                for trash in (False, True):
                    listing = self.listing(tab, trash)
                    shown = [_told(row.link) for row in store.rows(listing)]
                    there = [_told(link) for link in self.backend.listed(deleted=trash)]
                    assert shown == there
                assert not store.is_busy
            for operation in self.operations:
                assert operation.is_over
                # Of a deleted link nothing may be known any more when the backend confirms.
                told = [operation.link, operation.error].count(None) == 1
                assert told or (isinstance(operation, Delete) and operation.error is None)
        finally:
            self.patch.stop()
            self.loop.close()

    def quiet(self) -> None:
        """Let everything arrive; people scroll to the end of both lists, and open the trash again."""
        for tab, store in enumerate(self.stores):
            if store.live.query:
                store.search("")
            for trash in (True, False):
                self.settle()
                if trash or not store.live.loaded:
                    self.begin(store.refresh(self.listing(tab, trash)))
                    self.settle()
                while not self.listing(tab, trash).complete:
                    self.begin(store.more(self.listing(tab, trash)))
                    self.settle()

    def settle(self) -> None:
        while self.backend.calls or self.waiting:
            while self.waiting:
                self.run(lambda: deliver(self.waiting))
            for call in list(self.backend.calls):
                self.run(call.answer)

    def listing(self, tab: int, trash: bool) -> Listing:
        return self.stores[tab].trash if trash else self.stores[tab].live

    def row(self, tab: int, index: int, trash: bool) -> Any:
        rows = self.stores[tab].rows(self.listing(tab, trash))
        return rows[index % len(rows)] if rows else None

    def call(self, index: int) -> Any:
        return self.backend.calls[index % len(self.backend.calls)]


def _told(link: Link) -> Link:
    """What both know: of a deleted link, what it was at the end is the backend's to say when asked again."""
    if link.deleted_at is not None:
        return make_link(link.id, created_at=link.created_at)
    return replace(link, etag=None)


TestTwoTabs = TwoTabs.TestCase
TestTwoTabs.settings = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
