"""What the use cases need from outside, in their own words. `repository.py` and the tests' fakes fit."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from links.domain.link import Link, LinkChanges, Position


class LinkStore(Protocol):
    """Where new links are put. A deleted link stays, and its id with it."""

    def create_link(self, link: Link) -> Link | None:
        """Keep a new link, unless its id is taken: then return the link, alive or deleted, that has it."""

    def get_link(self, link_id: str) -> Link | None:
        """Return a link, alive or deleted, as it is now."""


class LinkRepository(LinkStore, Protocol):
    """Where links are kept."""

    def get_links(self, link_ids: Sequence[str]) -> Mapping[str, Link]:
        """Return those of several links that exist, as they are now."""

    def list_positions(
        self, owner: str, *, deleted: bool, after: Position | None, limit: int
    ) -> Sequence[Position]:
        """Return up to `limit` places in an owner's list or trash, newest first; fewer only at its end.

        The list may lag behind the links.
        """

    def update_link(self, link: Link, changes: LinkChanges, now: datetime) -> Link | None:
        """Change a live link, unless it is not any more what `link` says: then return nothing."""

    def delete_link(self, link_id: str, owner: str, now: datetime) -> Link | None:
        """Delete an owner's live link; return nothing if there is none."""

    def restore_link(self, link_id: str, owner: str, now: datetime) -> Link | None:
        """Bring back an owner's deleted link; return nothing if there is none."""

    def erase_link(self, link_id: str, owner: str, now: datetime) -> bool:
        """Forget all of an owner's link but its id and counters; return whether there was something."""


class CreationQuota(Protocol):
    """How many links somebody may still make."""

    def take(self, owner: str, now: datetime, wanted: int = 1) -> int:
        """Use up as many as are wanted and left, and return how many; raise `QuotaExceededError` if none."""


class SharedQuota(CreationQuota, Protocol):
    """A quota of which several creations take their part at once."""

    def give_back(self, owner: str, now: datetime, number: int) -> None:
        """Give back what was taken at `now` and not used."""


class OncePerKey(Protocol):
    """Runs what makes a link once per caller and key, and remembers the link."""

    def run(self, *, owner: str, key: str, content: str, make: Callable[[], Link]) -> Link:
        """Return what `make` returned when this key was first seen.

        Raises
        ------
        ConflictError
            If the same key is being worked on right now.
        InvalidInputError
            If the key was used for another `content`.
        """
