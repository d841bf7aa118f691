"""A backend whose every answer the test gives, when and as it likes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hopcount_app.api_service.errors import ConflictError, NotFoundError, ServiceError
from hopcount_app.api_service.models import Link, LinkChanges, LinkDraft, LinkPage
from hopcount_app.store.channel import Message

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make_link(code: str, minutes: int = 0, **fields: Any) -> Link:
    """Return a link made some minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    base = Link(code, f"https://sho.rt/{code}", f"https://example.com/{code}", at, at)
    return replace(base, **fields)


@dataclass(eq=False)
class Call:
    """A request: first the backend does it, later the answer arrives; each may fail by itself."""

    name: str
    do: Callable[[], Any]
    future: asyncio.Future[Any]
    outcome: Any = None
    is_done: bool = False

    def arrive(self) -> None:
        """Let the backend do it."""
        if not self.is_done:
            self.is_done = True
            try:
                self.outcome = self.do()
            except ServiceError as error:
                self.outcome = error

    def answer(self) -> None:
        """Let the answer reach the app."""
        self.arrive()
        self.fail(self.outcome) if isinstance(self.outcome, ServiceError) else self._resolve(self.outcome)

    def fail(self, error: ServiceError) -> None:
        """Let something else reach it."""
        if not self.future.done():
            self.future.set_exception(error)

    def _resolve(self, value: Any) -> None:
        if not self.future.done():
            self.future.set_result(value)


@dataclass
class Backend:
    """Links in memory, which behave as those of the API do."""

    links: dict[str, Link] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    now: datetime = NOON + timedelta(days=1)

    def clock(self) -> datetime:
        """Return another time at each call."""
        self.now += timedelta(seconds=1)
        return self.now

    def listed(self, *, deleted: bool = False) -> list[Link]:
        """Return the live links or the trash, newest first."""
        found = [link for link in self.links.values() if (link.deleted_at is not None) == deleted]
        return sorted(found, key=lambda link: (link.created_at, link.id), reverse=True)

    async def _call(self, name: str, do: Callable[[], Any]) -> Any:
        call = Call(name, do, asyncio.get_running_loop().create_future())
        self.calls.append(call)
        try:
            return await call.future
        finally:
            self.calls.remove(call)

    async def create_link(self, draft: LinkDraft, key: str) -> Link:
        return await self._call("create_link", lambda: self._create(draft, key))

    async def links_page(self, **wanted: Any) -> LinkPage:
        return await self._call("links", lambda: self._page(**wanted))

    async def link(self, link_id: str) -> Link:
        return await self._call("link", lambda: self._live(link_id))

    async def update_link(self, link_id: str, changes: LinkChanges, etag: str | None) -> Link:
        return await self._call("update_link", lambda: self._update(link_id, changes, etag))

    async def delete_link(self, link_id: str) -> None:
        await self._call(
            "delete_link",
            lambda: self._write(self._live(link_id), deleted_at=self.clock()) and None,
        )

    async def restore_link(self, link_id: str) -> Link:
        return await self._call("restore_link", lambda: self._write(self._dead(link_id), deleted_at=None))

    def _create(self, draft: LinkDraft, key: str) -> Link:
        if key in self.keys:
            return self.links[self.keys[key]]
        code = draft.alias or f"code{len(self.keys)}"
        if code in self.links:
            raise ConflictError("this alias is taken")
        at = self.clock()
        self.keys[key] = code
        url = draft.original_url
        self.links[code] = Link(code, f"https://sho.rt/{code}", url, at, at, etag='"1"')
        return self.links[code]

    def _page(self, *, query: str, deleted: bool, cursor: str | None, limit: int) -> LinkPage:
        found = [
            link
            for link in self.listed(deleted=deleted)
            if query.casefold() in (link.id + "\n" + link.original_url).casefold()
        ]
        rest = [link for link in found if cursor is None or _place(link) < cursor]
        page = tuple(replace(link, etag=None) for link in rest[:limit])
        return LinkPage(page, _place(page[-1]) if len(rest) > limit else None)

    def _live(self, link_id: str) -> Link:
        link = self.links.get(link_id)
        if link is None or link.deleted_at is not None:
            raise NotFoundError
        return link

    def _dead(self, link_id: str) -> Link:
        link = self.links.get(link_id)
        if link is None or link.deleted_at is None:
            raise NotFoundError
        return link

    def _update(self, link_id: str, changes: LinkChanges, etag: str | None) -> Link:
        link = self._live(link_id)
        if etag is not None and etag != link.etag:
            raise ConflictError("the link was changed since it was read")
        return self._write(link, **changes.fields)

    def _write(self, link: Link, **fields: Any) -> Link:
        version = int((link.etag or '"1"').strip('"')) + 1
        self.links[link.id] = replace(link, **fields, updated_at=self.clock(), etag=f'"{version}"')
        return self.links[link.id]


class Api:
    """What a store sees of it: `links` is a method there."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.links = backend.links_page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


@dataclass
class Tab:
    """One end of the channel between two tabs; the test delivers what waits."""

    waiting: list[tuple[Tab, Message]]
    others: list[Tab] = field(default_factory=list)
    listeners: list[Callable[[Message], None]] = field(default_factory=list)

    def post(self, message: Message) -> None:
        self.waiting.extend((other, message) for other in self.others)

    def subscribe(self, listener: Callable[[Message], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


def two_tabs() -> tuple[list[tuple[Tab, Message]], Tab, Tab]:
    """Return what waits between two tabs, and both."""
    waiting: list[tuple[Tab, Message]] = []
    one, other = Tab(waiting), Tab(waiting)
    one.others.append(other)
    other.others.append(one)
    return waiting, one, other


def deliver(waiting: list[tuple[Tab, Message]]) -> None:
    """Bring the oldest message to its tab."""
    tab, message = waiting.pop(0)
    for listener in tab.listeners:
        listener(message)


async def idle() -> None:
    """Let everything run on that can."""
    for _ in range(12):
        await asyncio.sleep(0)


def _place(link: Link) -> str:
    return f"{link.created_at.isoformat()} {link.id}"
