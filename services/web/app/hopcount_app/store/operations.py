"""Changes on their way: what each makes of a link at once, and what it asks of the backend.

Operation
├── Create
├── Edit
├── Delete
└── Restore
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from hopcount_app.api_service.errors import NotFoundError, RateLimitedError, ServiceError
from hopcount_app.api_service.models import Link, LinkChanges, LinkDraft
from hopcount_app.api_service.service import ApiService
from hopcount_app.store.known import Known


@dataclass(eq=False, kw_only=True)
class Operation:
    """A change of one link.

    Parameters
    ----------
    subject
        The link's code; of one that is not made yet, the key that makes it once.
    watched
        Whether a form waits for the outcome and says itself what is wrong with a field.
    link, error
        The outcome, once there is one.
    """

    subject: str
    watched: bool = False
    link: Link | None = None
    error: ServiceError | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def show(self, link: Link | None) -> Link | None:
        """Return what the link will be."""
        raise NotImplementedError

    async def send(self, api: ApiService, known: Known) -> Link | None:
        """Ask the backend for it; return what it says the link is now, if it says so."""
        raise NotImplementedError

    @property
    def undone(self) -> str:
        """What has not happened, for people, after the link's name."""
        raise NotImplementedError

    def settle(self, link: Link | None, error: ServiceError | None = None) -> None:
        """Give those who wait the outcome."""
        self.link, self.error = link, error
        self._over.set()

    def renew(self) -> None:
        """Be on the way again, with nobody watching."""
        self.error, self.watched = None, False
        self._over = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Whether there is an outcome."""
        return self._over.is_set()

    async def outcome(self) -> Link | None:
        """Wait until it is over; return the link, or raise why not.

        It is `None` only for a deleted link that nothing is known of any more.
        """
        await self._over.wait()
        if self.error is not None:
            raise self.error
        return self.link


@dataclass(eq=False, kw_only=True)
class Create(Operation):
    """A new link; `before` are the codes known when it was asked for."""

    draft: LinkDraft
    at: datetime
    before: frozenset[str]

    undone = "was not made"

    def show(self, link: Link | None) -> Link | None:  # noqa: ARG002  there is none before it
        """Return the link as it is wished for."""
        draft = self.draft
        return Link(
            id=draft.alias or self.subject,
            short_url="",
            original_url=draft.original_url,
            created_at=self.at,
            updated_at=self.at,
            redirect_status=draft.redirect_status or 301,
            max_age=draft.max_age,
            pass_query=bool(draft.pass_query),
            expires_at=draft.expires_at,
        )

    async def send(self, api: ApiService, known: Known) -> Link | None:  # noqa: ARG002
        """Ask for it, under the same key each time."""
        return await api.create_link(self.draft, self.subject)

    def stands_for(self, link: Link) -> bool:
        """Tell whether a link that came up meanwhile may be this one, made but not confirmed yet."""
        if link.id in self.before or link.deleted_at is not None:
            return False
        if self.draft.alias is not None:
            return link.id == self.draft.alias
        return _loosely(link.original_url) == _loosely(self.draft.original_url)


@dataclass(eq=False, kw_only=True)
class Edit(Operation):
    """Other values for some fields of the version that somebody saw."""

    changes: Mapping[str, Any]
    etag: str | None

    undone = "was not changed"

    def renew(self) -> None:
        """Be on the way again: whoever tries again was told what happened, and means it."""
        super().renew()
        self.etag = None

    def show(self, link: Link | None) -> Link | None:
        """Return the link with the new values."""
        return link and replace(link, **self.changes)

    async def send(self, api: ApiService, known: Known) -> Link | None:
        """Ask for it, provided that nobody else changed the link since."""
        seen = known.newest_etag(self.subject, self.etag)
        link = await api.update_link(self.subject, LinkChanges(self.changes), seen)
        known.follow(self.subject, seen, link.etag)
        return link


@dataclass(eq=False, kw_only=True)
class Delete(Operation):
    """Into the trash."""

    at: datetime

    undone = "was not deleted"

    def show(self, link: Link | None) -> Link | None:
        """Return the link as the trash shows it."""
        return link and replace(link, deleted_at=self.at)

    async def send(self, api: ApiService, known: Known) -> Link | None:  # noqa: ARG002
        """Ask for it; one that is there already is as wanted."""
        with suppress(NotFoundError):
            await api.delete_link(self.subject)
        return None


@dataclass(eq=False, kw_only=True)
class Restore(Operation):
    """Out of the trash."""

    undone = "was not restored"

    def show(self, link: Link | None) -> Link | None:
        """Return the link as it was before it was deleted."""
        return link and replace(link, deleted_at=None)

    async def send(self, api: ApiService, known: Known) -> Link | None:  # noqa: ARG002
        """Ask for it; one that is back already is as wanted."""
        try:
            return await api.restore_link(self.subject)
        except NotFoundError:
            return await api.link(self.subject)


def why(error: ServiceError) -> str:
    """Return what went wrong, as a message says it."""
    if isinstance(error, RateLimitedError):
        seconds = max(1, round(error.retry_after))
        return f"Too many requests: try again in {seconds} second{'' if seconds == 1 else 's'}."
    text = error.message[:1].upper() + error.message[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _loosely(url: str) -> str:
    return unquote(url.strip()).casefold().rstrip("/")
