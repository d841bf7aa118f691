"""A backend that makes everything up: no network, no account; changes last until the page is left."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from hopcount_app.api_service import debug_clicks as clicks
from hopcount_app.api_service.debug_links import BASE_URL, make_links
from hopcount_app.api_service.errors import ConflictError, InvalidError, NotFoundError
from hopcount_app.api_service.faults import Faults
from hopcount_app.api_service.models import (
    ApiToken,
    Deployment,
    Endpoint,
    Link,
    LinkChanges,
    LinkDraft,
    LinkPage,
    Profile,
    Stats,
)
from hopcount_app.transport import Response

REGION = "eu-central-2"
DEPLOYMENT = Deployment(
    version="debug",
    stage="debug",
    region=REGION,
    base_url=BASE_URL,
    api_url=BASE_URL,
    cognito_endpoint="",
    user_pool_id="",
    client_id="",
    login_url="",
    providers=("Google", "GitHub"),
    endpoints=(Endpoint(REGION, BASE_URL), Endpoint("us-east-1", "https://us.sho.rt")),
)


_DISTANCES = {BASE_URL: 0.021, "https://us.sho.rt": 0.108}
"""Seconds."""


@dataclass(frozen=True)
class DebugTransport:
    """A network that ends here: every endpoint is well, and as far away as if it were there."""

    faults: Faults

    async def request(
        self,
        method: str,  # noqa: ARG002
        url: str,
        headers: Mapping[str, str],  # noqa: ARG002
        body: str | None = None,  # noqa: ARG002
    ) -> Response:
        """Answer that all is well, unless it is not."""
        await self.faults.strike()
        await self.faults.sleep(_DISTANCES.get(url.removesuffix("/health"), 0.0))
        return Response(200, {}, "")


class DebugApiService:
    """Answers at once with made-up data.

    Parameters
    ----------
    faults
        What goes wrong.
    clock
        The time, aware and in UTC.
    """

    def __init__(self, faults: Faults, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._faults = faults
        self._clock = clock
        made = list(make_links(clock()))
        self._links = {one.link.id: one.link for one in made}
        self._traffic = {one.link.id: one.traffic for one in made}
        self._keys: dict[str, str] = {}
        self._tokens = {token.id: token for token in _some_tokens(clock())}
        self.events: list[dict[str, object]] = []

    async def deployment(self) -> Deployment:
        """Return where this would be."""
        return DEPLOYMENT

    async def health(self) -> bool:
        """Tell that all is well, unless it is not."""
        await self._faults.strike()
        return True

    async def create_link(self, draft: LinkDraft, key: str) -> Link:
        """Make a link in memory."""
        await self._faults.strike()
        if key in self._keys:
            return self._links[self._keys[key]]
        if not draft.original_url.lower().startswith(("http://", "https://")):
            wrong = {"originalUrl": "must be an absolute http:// or https:// URL"}
            raise InvalidError("Please check the address.", wrong)
        if draft.alias in self._links:
            raise ConflictError("this alias is taken")
        now, code = self._clock(), draft.alias or secrets.token_urlsafe(9)[:7]
        link = Link(
            id=code,
            short_url=f"{BASE_URL}/{code}",
            original_url=draft.original_url,
            created_at=now,
            updated_at=now,
            redirect_status=draft.redirect_status or 301,
            max_age=draft.max_age,
            pass_query=bool(draft.pass_query),
            expires_at=draft.expires_at,
            etag='"1"',
        )
        self._links[code], self._keys[key] = link, code
        return link

    async def links(
        self, *, query: str = "", deleted: bool = False, cursor: str | None = None, limit: int = 50
    ) -> LinkPage:
        """Return a page of links, newest first."""
        await self._faults.strike()
        wanted = query.casefold()
        found = [
            link
            for link in self._links.values()
            if (link.deleted_at is not None) is deleted
            and (wanted in link.id.casefold() or wanted in link.original_url.casefold())
        ]
        found.sort(key=_place, reverse=True)
        rest = [link for link in found if cursor is None or _place(link) < cursor]
        page = tuple(replace(link, etag=None) for link in rest[:limit])
        return LinkPage(page, _place(page[-1]) if len(rest) > limit else None)

    async def link(self, link_id: str) -> Link:
        """Return a link."""
        await self._faults.strike()
        return self._live(link_id)

    async def update_link(self, link_id: str, changes: LinkChanges, etag: str | None) -> Link:
        """Change a link in memory."""
        await self._faults.strike()
        link = self._live(link_id)
        if etag is not None and etag != link.etag:
            raise ConflictError("The link was changed elsewhere meanwhile.")
        version = int((link.etag or '"0"').strip('"')) + 1
        changed = replace(link, **changes.fields, updated_at=self._clock(), etag=f'"{version}"')
        self._links[link_id] = changed
        return changed

    async def delete_link(self, link_id: str) -> None:
        """Move a link to the trash."""
        await self._faults.strike()
        now = self._clock()
        self._links[link_id] = replace(self._live(link_id), deleted_at=now, updated_at=now)

    async def restore_link(self, link_id: str) -> Link:
        """Take a link out of the trash."""
        await self._faults.strike()
        if link_id not in self._links:
            raise NotFoundError
        self._links[link_id] = replace(self._links[link_id], deleted_at=None, updated_at=self._clock())
        return self._links[link_id]

    async def alias_is_free(self, alias: str) -> bool:
        """Tell whether no link has the alias, deleted ones included."""
        await self._faults.strike()
        return alias not in self._links

    async def stats(self, link_id: str, first: str, last: str, *, tz: str, interval: str) -> Stats:
        """Return a link's made-up clicks."""
        await self._faults.strike()
        link = self._live(link_id)
        told = self._told([link_id], link_id, (first, last), tz, interval)
        return replace(told, total_clicks=link.clicks, total_bot_clicks=link.bot_clicks)

    async def stats_csv(self, link_id: str, first: str, last: str, *, tz: str, interval: str) -> str:
        """Return the same as CSV."""
        told = await self.stats(link_id, first, last, tz=tz, interval=interval)
        head = f"{'date' if interval == 'day' else 'time'},clicks,botClicks"
        return "\r\n".join([head, *(f"{p.at},{p.clicks},{p.bot_clicks}" for p in told.series), ""])

    async def account_stats(self, first: str, last: str, *, tz: str, interval: str) -> Stats:
        """Return the clicks of all links, the top ones apart."""
        await self._faults.strike()
        told = self._told(list(self._links), "", (first, last), tz, interval)
        live = sorted(self._live_links(), key=lambda link: -link.clicks)
        return replace(
            told,
            total_clicks=sum(link.clicks for link in self._links.values()),
            total_bot_clicks=sum(link.bot_clicks for link in self._links.values()),
            links=len(self._links),
            top=tuple((link.id, link.clicks, link.bot_clicks) for link in live[:10]),
        )

    async def profile(self) -> Profile:
        """Return the demo account."""
        await self._faults.strike()
        live = self._live_links()
        total = sum(link.clicks for link in self._links.values())
        since = min((link.created_at for link in self._links.values()), default=self._clock())
        return Profile("debug", "demo@example.com", len(live), total, since)

    async def delete_account(self) -> None:
        """Forget everything."""
        await self._faults.strike()
        self._links.clear()
        self._tokens.clear()

    async def export(self) -> AsyncIterator[str]:
        """Yield every live link as JSON Lines."""
        for link in self._live_links():
            await self._faults.strike()
            shown = {"id": link.id, "originalUrl": link.original_url, "clicks": link.clicks}
            yield json.dumps({**shown, "createdAt": link.created_at.isoformat()}) + "\n"

    async def tokens(self) -> tuple[ApiToken, ...]:
        """Return the API tokens, newest first."""
        await self._faults.strike()
        return tuple(sorted(self._tokens.values(), key=lambda token: token.created_at, reverse=True))

    async def create_token(self, name: str, scopes: tuple[str, ...]) -> ApiToken:
        """Make up an API token."""
        await self._faults.strike()
        token = ApiToken(secrets.token_urlsafe(9), name, scopes, self._clock())
        self._tokens[token.id] = token
        return replace(token, token=f"hc_{token.id}_{secrets.token_hex(16)}")

    async def revoke_token(self, token_id: str) -> None:
        """Forget an API token."""
        await self._faults.strike()
        if self._tokens.pop(token_id, None) is None:
            raise NotFoundError("There is no such token any more.")

    async def send_events(self, events: list[dict[str, object]]) -> None:
        """Keep them in memory, for whoever wants to look."""
        await self._faults.strike()
        self.events += events

    def _live_links(self) -> list[Link]:
        return [link for link in self._links.values() if link.deleted_at is None]

    def _live(self, link_id: str) -> Link:
        link = self._links.get(link_id)
        if link is None or link.deleted_at is not None:
            raise NotFoundError
        return link

    def _told(self, codes: list[str], name: str, days: tuple[str, str], tz: str, interval: str) -> Stats:
        now = self._clock()
        first, last = (date.fromisoformat(day) for day in days)
        traffic = [self._traffic[code] for code in codes if code in self._traffic]
        counted = clicks.days_of(traffic, first, last, now)
        points = clicks.series(counted, first, last, tz, interval, now)
        people = sum(point.clicks for point in points)
        return Stats(
            id=name,
            first=days[0],
            last=days[1],
            tz=tz,
            interval=interval,
            clicks=people,
            bot_clicks=sum(point.bot_clicks for point in points),
            total_clicks=0,
            total_bot_clicks=0,
            series=points,
            breakdowns=clicks.breakdowns(name, people),
        )


def _place(link: Link) -> str:
    return f"{link.created_at.isoformat()} {link.id}"


def _some_tokens(now: datetime) -> tuple[ApiToken, ...]:
    used = (now - timedelta(1)).date().isoformat()
    return (
        ApiToken("uEy0d2nbTwIW", "Nightly build", ("links:write",), now - timedelta(40), None, used),
        ApiToken(
            "k3JqX9aLmPzR",
            "Spreadsheet",
            ("links:read", "stats:read"),
            now - timedelta(3),
            now + timedelta(87),
        ),
    )
