"""Which part of the links a list shows: how far it was read, what is searched for, in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hopcount_app.api_service.errors import ServiceError
from hopcount_app.api_service.models import Link, LinkPage

Place = tuple[datetime, str]
"""Where a link stands in the backend's lists: newest first."""


class Sort(StrEnum):
    """The order of a list."""

    NEWEST = "newest"
    OLDEST = "oldest"
    CLICKS = "clicks"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list.

    Parameters
    ----------
    key
        Stays the same while the link gets its code.
    pending
        Whether something about it is on its way.
    new
        Whether the link is not made yet: it has no address.
    """

    key: str
    link: Link
    pending: bool = False
    new: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        return "New link" if self.new and self.link.id == self.key else self.link.id


@dataclass
class Listing:
    """The live links, or the trash: its window on what is known.

    Parameters
    ----------
    floor
        The last place that was read; what is known beyond it waits until the list gets there.
    complete
        Whether everything was read.
    loaded
        Whether anything was read yet.
    """

    deleted: bool = False
    query: str = ""
    sort: Sort = Sort.NEWEST
    cursor: str | None = None
    floor: Place | None = None
    complete: bool = False
    loaded: bool = False
    loading: bool = False
    error: ServiceError | None = None
    turn: int = 0

    def search(self, query: str) -> None:
        """Look for something else, from the beginning."""
        self.query, self.cursor, self.floor = query, None, None
        self.complete = self.loaded = self.loading = False
        self.error = None
        self.turn += 1

    def reset(self) -> None:
        """Be as if nobody had looked."""
        self.search("")
        self.sort = Sort.NEWEST

    def begin(self) -> int:
        """Be about to read a page; return which turn it is."""
        self.loading, self.error = True, None
        self.turn += 1
        return self.turn

    def advance(self, page: LinkPage, *, first: bool) -> None:
        """Widen the window by a page; reading the first one again does not narrow it."""
        if not (first and self.loaded and (self.complete or self._is_deeper(page))):
            self.cursor = page.next_cursor
            self.complete = page.next_cursor is None
            if self.complete:
                self.floor = None
            elif page.items:
                self.floor = place(page.items[-1])
        self.loaded = True

    def _is_deeper(self, page: LinkPage) -> bool:
        if page.next_cursor is None or self.floor is None:
            return False
        return not page.items or self.floor < place(page.items[-1])

    def shows(self, link: Link, *, new: bool = False) -> bool:
        """Tell whether a link belongs into the window; a new one always does."""
        return self.holds(link) and (new or self.floor is None or place(link) >= self.floor)

    def holds(self, link: Link) -> bool:
        """Tell whether a link belongs into the list, however far it was read."""
        wanted = self.query.strip().casefold()
        return (link.deleted_at is not None) == self.deleted and (
            wanted in link.id.casefold() or wanted in link.original_url.casefold()
        )

    def missing(self, known: Iterable[Link], page: LinkPage, top: Place | None) -> list[Link]:
        """Return the links that a page passes over although they were known to be there.

        `top` is where the page before ended.
        """
        ids = {link.id for link in page.items}
        if page.next_cursor is None:
            bottom = None
        elif page.items:
            bottom = place(page.items[-1])
        else:
            return []
        return [
            link
            for link in known
            if link.id not in ids
            and self.holds(link)
            and (top is None or place(link) < top)
            and (bottom is None or place(link) > bottom)
        ]

    def ordered(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows in the chosen order."""
        found = sorted(rows, key=lambda row: (row.new, *place(row.link)), reverse=True)
        match self.sort:
            case Sort.OLDEST:
                found.reverse()
            case Sort.CLICKS:
                found.sort(key=lambda row: (not row.new, -total_clicks(row.link)))
            case Sort.NAME:
                found.sort(key=lambda row: row.link.id.casefold())
        return found


def place(link: Link) -> Place:
    """Return where a link stands in the backend's lists."""
    return link.created_at, link.id


def total_clicks(link: Link) -> int:
    """Return the people who followed it, here and before it came here."""
    return link.clicks + link.imported_clicks
