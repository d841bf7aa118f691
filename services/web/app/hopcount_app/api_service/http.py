"""The API over HTTP."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from hopcount_app import validation
from hopcount_app.api_service.caller import Caller, refusal, succeeded
from hopcount_app.api_service.discovery import Discovery
from hopcount_app.api_service.errors import ServerError, ServiceError
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
from hopcount_app.transport import Transport

EXPORT_PAGE = 1000
_NAMES = {
    "original_url": "originalUrl",
    "alias": "alias",
    "expires_at": "expiresAt",
    "redirect_status": "redirectStatus",
    "max_age": "maxAge",
    "pass_query": "passQuery",
}
T = TypeVar("T")
Action = Literal["link_created", "link_edited", "link_deleted", "link_restored"]
OnAction = Callable[[Action, bool, float], None]


class HttpApiService:
    """Asks the API.

    Parameters
    ----------
    caller
        Sends requests as whoever is signed in.
    discovery
        Knows what is deployed.
    transport
        How requests travel that need nobody.
    origin
        Where short links are, without a last slash: the page's own origin.
    on_action
        Called with what was done to a link, whether it worked, and how many milliseconds it took.
    """

    def __init__(
        self,
        caller: Caller,
        discovery: Discovery,
        transport: Transport,
        origin: str,
        on_action: OnAction = lambda _name, _worked, _milliseconds: None,
    ) -> None:
        self._caller = caller
        self._discovery = discovery
        self._transport = transport
        self._origin = origin
        self._on_action = on_action

    async def deployment(self) -> Deployment:
        """Return where this is and what it is."""
        return await self._discovery()

    async def health(self) -> bool:
        """Tell whether the endpoint in use answers."""
        url = f"{self._caller.regions.current.url}/health"
        try:
            return (await self._transport.request("GET", url, {})).status == 200
        except ServiceError:
            return False

    async def create_link(self, draft: LinkDraft, key: str) -> Link:
        """Make a link, once for a key."""
        wanted = {name: getattr(draft, name) for name in _NAMES}
        body = _body({name: value for name, value in wanted.items() if value is not None})
        with self._counted("link_created"):
            return await self._link("POST", "/urls", body=body, headers={"Idempotency-Key": key})

    async def links(
        self, *, query: str = "", deleted: bool = False, cursor: str | None = None, limit: int = 50
    ) -> LinkPage:
        """Return a page of links, newest first."""
        asked = {"q": query or None, "deleted": "1" if deleted else None, "cursor": cursor, "limit": limit}
        answer = await self._caller.read("GET", "/urls", query=asked)
        return _understood(
            lambda: LinkPage(tuple(map(Link.from_json, answer["items"])), answer.get("nextCursor"))
        )

    async def link(self, link_id: str) -> Link:
        """Return a link with its ETag."""
        return await self._link("GET", _path(link_id))

    async def update_link(self, link_id: str, changes: LinkChanges, etag: str | None) -> Link:
        """Change a link."""
        headers = {} if etag is None else {"If-Match": etag}
        with self._counted("link_edited"):
            return await self._link("PATCH", _path(link_id), body=_body(changes.fields), headers=headers)

    async def delete_link(self, link_id: str) -> None:
        """Move a link to the trash."""
        with self._counted("link_deleted"):
            await self._caller.send("DELETE", _path(link_id))

    async def restore_link(self, link_id: str) -> Link:
        """Bring a link back from the trash."""
        with self._counted("link_restored"):
            return await self._link("POST", _path(link_id, "/restore"))

    async def alias_is_free(self, alias: str) -> bool:
        """Tell whether nobody has the alias: only what was never a link answers 404."""
        if validation.alias(alias) is not None:
            return False
        response = await self._transport.request("HEAD", f"{self._origin}/{quote(alias, safe='')}", {})
        if response.status == 429 or response.status >= 500:
            raise refusal(response)
        return response.status == 404

    async def stats(self, link_id: str, first: str, last: str, *, tz: str, interval: str) -> Stats:
        """Return a link's clicks."""
        return await self._stats(_stats_path(link_id), first, last, tz, interval)

    async def stats_csv(self, link_id: str, first: str, last: str, *, tz: str, interval: str) -> str:
        """Return the same as CSV."""
        query = {"from": first, "to": last, "tz": tz, "interval": interval}
        headers = {"Accept": "text/csv"}
        return (await self._caller.send("GET", _stats_path(link_id), query=query, headers=headers)).body

    async def account_stats(self, first: str, last: str, *, tz: str, interval: str) -> Stats:
        """Return the clicks of all links."""
        return await self._stats("/stats", first, last, tz, interval)

    async def profile(self) -> Profile:
        """Return who is signed in."""
        answer = await self._caller.read("GET", "/users/me")
        return _understood(lambda: Profile.from_json(answer))

    async def delete_account(self) -> None:
        """Delete the account, for good."""
        await self._caller.send("DELETE", "/users/me")

    async def export(self) -> AsyncIterator[str]:
        """Yield every link as JSON Lines, page by page."""
        cursor: str | None = None
        while True:
            query = {"format": "jsonl", "limit": EXPORT_PAGE, "cursor": cursor}
            response = await self._caller.send(
                "GET", "/urls/export", query=query, headers={"Accept": "application/x-ndjson, */*"}
            )
            yield response.body
            cursor = _next_cursor(response.headers.get("link", ""))
            if cursor is None:
                return

    async def tokens(self) -> tuple[ApiToken, ...]:
        """Return the API tokens."""
        answer = await self._caller.read("GET", "/users/me/tokens")
        return _understood(lambda: tuple(map(ApiToken.from_json, answer["items"])))

    async def create_token(self, name: str, scopes: tuple[str, ...]) -> ApiToken:
        """Make an API token."""
        body = {"name": name, "scopes": list(scopes)}
        answer = await self._caller.read("POST", "/users/me/tokens", body=body)
        return _understood(lambda: ApiToken.from_json(answer))

    async def revoke_token(self, token_id: str) -> None:
        """End an API token."""
        await self._caller.send("DELETE", f"/users/me/tokens/{quote(token_id, safe='')}")

    async def send_events(self, events: list[dict[str, object]]) -> None:
        """Hand in what was done in the app, as nobody in particular."""
        body, headers = json.dumps({"events": events}), {"Content-Type": "application/json"}
        succeeded(await self._transport.request("POST", f"{self._origin}/events", headers, body))

    @contextmanager
    def _counted(self, name: Action) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        except ServiceError:
            self._on_action(name, False, _since(begun))  # noqa: FBT003
            raise
        self._on_action(name, True, _since(begun))  # noqa: FBT003

    async def _link(self, method: str, path: str, **more: Any) -> Link:
        response = await self._caller.send(method, path, **more)
        return _understood(lambda: Link.from_json(response.json(), response.headers.get("etag")))

    async def _stats(self, path: str, first: str, last: str, tz: str, interval: str) -> Stats:
        query = {"from": first, "to": last, "tz": tz, "interval": interval}
        answer = await self._caller.read("GET", path, query=query)
        return _understood(lambda: Stats.from_json(answer))


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def _understood(read: Callable[[], T]) -> T:
    """Read an answer; one that is not as the API's are is the backend's failure."""
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ServerError from None


def _path(link_id: str, action: str = "") -> str:
    return f"/urls/{quote(link_id, safe='')}{action}"


def _stats_path(link_id: str) -> str:
    return f"/stats/{quote(link_id, safe='')}"


def _body(fields: Any) -> dict[str, Any]:
    return {_NAMES[name]: _written(value) for name, value in fields.items()}


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _next_cursor(link: str) -> str | None:
    """Return the cursor of a `Link` header's next page; credentials go to no address but our own."""
    found = re.search(r'<([^>]*)>\s*;\s*rel="?next"?', link)
    cursors = parse_qs(urlsplit(found[1]).query).get("cursor") if found else None
    return cursors[0] if cursors else None
