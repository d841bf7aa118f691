"""What the views may ask of a backend. `HttpApiService` asks the API, `DebugApiService` makes it up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from hopcount_app.api_service.models import (
    ApiToken,
    Deployment,
    Link,
    LinkChanges,
    LinkDraft,
    LinkPage,
    Profile,
    Stats,
)


class ApiService(Protocol):
    """A backend. Every method may raise any `hopcount_app.api_service.errors.ServiceError`.

    Methods retry by themselves what is safe to retry. Cancelling the task that awaits one ends its request.
    """

    async def deployment(self) -> Deployment:
        """Return where this is and what it is."""
        ...

    async def health(self) -> bool:
        """Tell whether the backend answers."""
        ...

    async def create_link(self, draft: LinkDraft, key: str) -> Link:
        """Make a link; the same `key` (at most 255 characters) makes it once, however often it is sent."""
        ...

    async def links(
        self, *, query: str = "", deleted: bool = False, cursor: str | None = None, limit: int = 50
    ) -> LinkPage:
        """Return a page of links, newest first: those whose code or target holds `query`, or the trash."""
        ...

    async def link(self, link_id: str) -> Link:
        """Return a link with its ETag."""
        ...

    async def update_link(self, link_id: str, changes: LinkChanges, etag: str | None) -> Link:
        """Change a link; `ConflictError` if it is no longer what `etag` says."""
        ...

    async def delete_link(self, link_id: str) -> None:
        """Move a link to the trash: it answers 410 until it is restored."""
        ...

    async def restore_link(self, link_id: str) -> Link:
        """Bring a link back from the trash."""
        ...

    async def alias_is_free(self, alias: str) -> bool:
        """Tell whether nobody has the alias."""
        ...

    async def stats(self, link_id: str, first: str, last: str, *, tz: str, interval: str) -> Stats:
        """Return a link's clicks from day `first` to day `last` (`YYYY-MM-DD`), by `day` or `hour`."""
        ...

    async def stats_csv(self, link_id: str, first: str, last: str, *, tz: str, interval: str) -> str:
        """Return the same as CSV."""
        ...

    async def account_stats(self, first: str, last: str, *, tz: str, interval: str) -> Stats:
        """Return the clicks of all links."""
        ...

    async def profile(self) -> Profile:
        """Return who is signed in."""
        ...

    async def delete_account(self) -> None:
        """Delete the account, its links and its statistics, for good."""
        ...

    def export(self) -> AsyncIterator[str]:
        """Yield every link as JSON Lines, page by page."""
        ...

    async def tokens(self) -> tuple[ApiToken, ...]:
        """Return the API tokens."""
        ...

    async def create_token(self, name: str, scopes: tuple[str, ...]) -> ApiToken:
        """Make an API token; only this answer holds the token itself."""
        ...

    async def revoke_token(self, token_id: str) -> None:
        """End an API token."""
        ...

    async def send_events(self, events: list[dict[str, object]]) -> None:
        """Hand in what was done in the app (`hopcount_app.usage`); nobody waits for it."""
        ...
