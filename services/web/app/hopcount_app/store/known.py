"""What the backend has told of each link so far, the newest word of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from hopcount_app.api_service.models import Link


@dataclass
class Known:
    """Links by code, live ones and deleted ones; without what is merely on its way.

    Parameters
    ----------
    ours
        Codes of links that this tab changed itself: an index that lags behind may not know of it yet.
    """

    links: dict[str, Link] = field(default_factory=dict)
    ours: set[str] = field(default_factory=set)
    _etags: dict[tuple[str, str], str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Link]:
        """Go through all links, in no order that means anything."""
        return iter(self.links.values())

    def get(self, code: str) -> Link | None:
        """Return what is known of a link."""
        return self.links.get(code)

    def learn(self, link: Link, *, sure: bool = False) -> None:
        """Take what the backend said, unless something newer is known.

        Each change moves `updated_at`, so answers may come in any order. A deletion is known before its
        time is: what still shows the link live, with the time it had before, is older; unless one is
        `sure` that nothing else was learnt since this was asked for.
        """
        known = self.links.get(link.id)
        if known is not None and not sure:
            if link.updated_at < known.updated_at:
                return
            if link.updated_at == known.updated_at:
                if known.deleted_at is not None and link.deleted_at is None:
                    return
                link = replace(link, etag=link.etag or known.etag)
        self.links[link.id] = link

    def mark_deleted(self, code: str, at: datetime) -> None:
        """Know that a link is in the trash, and no more than that."""
        known = self.links.get(code)
        if known is not None and known.deleted_at is None:
            self.links[code] = replace(known, deleted_at=at, etag=None)

    def forget(self, code: str) -> None:
        """Know nothing of a link any more."""
        self.links.pop(code, None)
        self.ours.discard(code)

    def follow(self, code: str, old: str | None, new: str | None) -> None:
        """Remember that a change of ours turned one version into another."""
        if old and new and old != new:
            self._etags[code, old] = new

    def clear(self) -> None:
        """Know nothing."""
        self.links.clear()
        self.ours.clear()
        self._etags.clear()

    def newest_etag(self, code: str, etag: str | None) -> str | None:
        """Return what became of a version by changes of ours alone: those need not conflict."""
        while etag is not None and (code, etag) in self._etags:
            etag = self._etags[code, etag]
        return etag
