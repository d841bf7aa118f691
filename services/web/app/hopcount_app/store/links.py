"""The links shown, optimistically: as changed at once, then as the backend confirms, or back as they were.

What the backend said (`Known`) and what is on its way (`Operation`s) are kept apart. What is shown is the
one seen through the other, so that a failure is rolled back by taking the operation away.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hopcount_app.api_service.errors import (
    ConflictError,
    NotFoundError,
    OfflineError,
    ServerError,
    ServiceError,
)
from hopcount_app.api_service.models import Link, LinkDraft
from hopcount_app.api_service.service import ApiService
from hopcount_app.store.channel import Channel, Message, NoChannel
from hopcount_app.store.failures import Reporter
from hopcount_app.store.known import Known
from hopcount_app.store.listing import Listing, Row, Sort
from hopcount_app.store.operations import Create, Delete, Edit, Operation, Restore
from hopcount_app.store.reading import Reader, Tasks
from hopcount_app.store.toasts import Toasts

UNSURE = (OfflineError, ServerError, NotFoundError, ConflictError)
"""After these the backend may have it otherwise than is thought here."""


class LinkStore:
    """Links, and what is being done to them.

    Parameters
    ----------
    channel
        Reaches the other tabs.
    clock
        The time, aware and in UTC.
    listeners
        Called after every change.
    """

    def __init__(
        self,
        api: ApiService,
        toasts: Toasts,
        channel: Channel | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.listeners: list[Callable[[], None]] = []
        self._api = api
        self._clock = clock
        self._known = Known()
        self._tasks = Tasks()
        self._reader = Reader(api, self._known, self._tasks, self._changed, clock)
        self._reporter = Reporter(toasts, self.retry, self.restore)
        self._queues: dict[str, list[Operation]] = {}
        self._keys: dict[str, str] = {}
        self._owner = ""
        self._channel = channel or NoChannel()
        self._channel.subscribe(self._heard)

    # What is shown

    @property
    def live(self) -> Listing:
        """How the live links are listed."""
        return self._reader.live

    @property
    def trash(self) -> Listing:
        """How the deleted links are listed."""
        return self._reader.trash

    def rows(self, listing: Listing) -> list[Row]:
        """Return the lines of a list."""
        rows = self._all_rows()
        return listing.ordered(row for row in rows if listing.shows(row.link, new=row.new))

    def row(self, code: str) -> Row | None:
        """Return one link, live or deleted, as it is shown; a new one has a key before it has a code."""
        return next((row for row in self._all_rows() if code in {row.link.id, row.key}), None)

    @property
    def is_busy(self) -> bool:
        """Whether any change is on its way."""
        return bool(self._queues)

    def _all_rows(self) -> list[Row]:
        creations = [one for queue in self._queues.values() for one in queue if isinstance(one, Create)]
        hidden: set[str] = set()
        for creation in creations:
            own = (link.id for link in self._known if link.id not in hidden and creation.stands_for(link))
            hidden.update(list(own)[:1])
        rows = [
            _seen(self._keys.get(link.id, link.id), link, self._queues.get(link.id, ()))
            for link in self._known
            if link.id not in hidden
        ]
        rows += [_seen(one.subject, None, self._queues[one.subject]) for one in creations]
        return [row for row in rows if row is not None]

    # Reading

    def search(self, query: str) -> None:
        """Look for something among the live links; `refresh` asks the backend."""
        if query.strip() != self.live.query:
            self.live.search(query.strip())
            self._changed()

    def sort(self, order: Sort) -> None:
        """Put the live links in another order; `read_all` brings those that it takes."""
        self.live.sort = order
        self._changed()

    async def refresh(self, listing: Listing) -> None:
        """Read the beginning of a list, again if need be."""
        await self._reader.refresh(listing)

    async def more(self, listing: Listing) -> None:
        """Read on, where there is more and nobody is reading yet."""
        await self._reader.more(listing)

    async def read_all(self, listing: Listing) -> None:
        """Read on as far as an order other than the backend's wants it."""
        await self._reader.read_all(listing)

    async def load(self, code: str) -> Link:
        """Return a link as the backend has it now, with its ETag; raise any `ServiceError`."""
        return await self._reader.load(code)

    def belong_to(self, user_id: str) -> None:
        """Forget everything if somebody else is here now."""
        if self._owner not in {"", user_id}:
            self.clear()
        self._owner = user_id

    def clear(self) -> None:
        """Forget everything, and ask for nothing more."""
        self._tasks.stop()
        self._reader.clear()
        self._known.clear()
        self._queues.clear()
        self._keys.clear()
        self._changed()

    # Changing

    def create(self, draft: LinkDraft, *, watched: bool = False) -> Create:
        """Make a link. Whoever is `watched` awaits `outcome()` and says itself what is wrong with a field."""
        before = frozenset(link.id for link in self._known)
        key = secrets.token_urlsafe(16)
        creation = Create(subject=key, draft=draft, at=self._clock(), before=before, watched=watched)
        self._enqueue(creation)
        return creation

    def edit(self, code: str, changes: Mapping[str, Any], etag: str | None, *, watched: bool = False) -> Edit:
        """Change fields of a link, by their Python names; `etag` is the version that was seen."""
        operation = Edit(subject=self._code(code), changes=changes, etag=etag, watched=watched)
        self._enqueue(operation)
        return operation

    def delete(self, code: str) -> Delete:
        """Move a link to the trash; a message offers to undo it."""
        operation = Delete(subject=self._code(code), at=self._clock())
        self._enqueue(operation)
        self._reporter.deleted(operation, self._name(operation))
        return operation

    def restore(self, code: str) -> Restore:
        """Take a link out of the trash."""
        operation = Restore(subject=self._code(code))
        self._enqueue(operation)
        return operation

    def retry(self, operation: Operation) -> None:
        """Try again what failed."""
        if isinstance(operation, Delete):
            self.delete(operation.subject)
            return
        operation.renew()
        self._enqueue(operation)

    def _code(self, code: str) -> str:
        """Return what a link is called by now, of which somebody may still know the key only."""
        return next((made for made, key in self._keys.items() if key == code), code)

    def _name(self, operation: Operation) -> str:
        if isinstance(operation, Create):
            return operation.draft.alias or "The link"
        return operation.subject if self._known.get(operation.subject) else "The link"

    def _enqueue(self, operation: Operation) -> None:
        self._known.ours.add(operation.subject)
        queue = self._queues.setdefault(operation.subject, [])
        queue.append(operation)
        if len(queue) == 1:
            self._tasks.start(self._work(queue))
        self._changed()

    async def _work(self, queue: list[Operation]) -> None:
        """Send what waits for one link, one after the other."""
        while queue:
            operation = queue[0]
            before = self._known.get(operation.subject)
            try:
                link = await operation.send(self._api, self._known)
            except ServiceError as error:
                self._failed(operation, error, queue)
            else:
                self._leave(operation, queue)
                self._succeeded(operation, link, before, queue)
            self._changed()

    def _succeeded(
        self, operation: Operation, link: Link | None, before: Link | None, queue: list[Operation]
    ) -> None:
        code = link.id if link else operation.subject
        if link is not None:
            self._known.learn(link, sure=self._known.get(code) is before)
        if isinstance(operation, Create):
            self._named(operation, code, queue)
        if isinstance(operation, Delete):
            now = self._known.get(code)
            if now and before and now.updated_at != before.updated_at:
                self._reader.doubt(code)  # somebody else changed it meanwhile, perhaps after this
            self._known.mark_deleted(code, operation.at)
        self._reporter.confirmed(operation)
        operation.settle(self._known.get(code))
        self._channel.post({"link": code})
        self._reader.resolve()

    def _named(self, creation: Create, code: str, queue: list[Operation]) -> None:
        """Give what waits for a link that is made now its code."""
        self._keys[code] = creation.subject
        self._known.ours.add(code)
        self._queues.pop(creation.subject, None)
        for operation in queue:
            operation.subject = code
        there = self._queues.setdefault(code, queue)
        if there is not queue:
            there += queue
            queue.clear()
        elif not queue:
            del self._queues[code]

    def _failed(self, operation: Operation, error: ServiceError, queue: list[Operation]) -> None:
        name = self._name(operation)
        for one in [operation, *_moot(operation, queue)]:
            self._leave(one, queue)
            one.settle(None, error)
            self._reporter.dropped(one)
        self._reporter.failed(operation, error, name)
        if isinstance(error, UNSURE) and not (
            isinstance(operation, Create) and isinstance(error, ConflictError)
        ):
            message = {"link": "" if isinstance(operation, Create) else operation.subject}
            self._heard(message)
            self._channel.post(message)

    def _leave(self, operation: Operation, queue: list[Operation]) -> None:
        queue.remove(operation)
        if not queue and self._queues.get(operation.subject) is queue:
            del self._queues[operation.subject]

    def _heard(self, message: Message) -> None:
        """Ask for what may have changed, here or in another tab."""
        if code := message["link"]:
            self._reader.doubt(code)
        else:
            self._reader.doubt_list(self.live)

    def _changed(self) -> None:
        for listener in list(self.listeners):
            listener()


def _seen(key: str, link: Link | None, queue: Sequence[Operation]) -> Row | None:
    """Return a link as what is on its way will leave it."""
    new = link is None
    for operation in queue:
        link = operation.show(link)
    return None if link is None else Row(key, link, pending=bool(queue), new=new)


def _moot(failed: Operation, queue: list[Operation]) -> list[Operation]:
    """Return what waits in vain: all changes of a link that was not made, the undo of what was not done."""
    waiting = [one for one in queue if one is not failed]
    if isinstance(failed, Create):
        return waiting
    if isinstance(failed, Delete) and waiting and isinstance(waiting[0], Restore):
        return waiting[:1]
    return []
