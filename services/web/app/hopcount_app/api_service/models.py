"""What the API answers, as the app reads it: unknown fields are ignored, so that the API may grow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

JsonObject = Mapping[str, Any]


def moment(text: str | None) -> datetime | None:
    """Read a time of the API (RFC 3339, UTC); `None` stays `None`."""
    return None if text is None else datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Link:
    """A link, as its owner sees it. Times are aware and in UTC; `max_age` is in seconds."""

    id: str
    short_url: str
    original_url: str
    created_at: datetime
    updated_at: datetime
    clicks: int = 0
    bot_clicks: int = 0
    imported_clicks: int = 0
    redirect_status: int = 301
    max_age: int | None = None
    pass_query: bool = False
    expires_at: datetime | None = None
    deleted_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
    etag: str | None = None

    @classmethod
    def from_json(cls, body: JsonObject, etag: str | None = None) -> Link:
        """Read a `LinkView` or a `DeletedLinkView`; raise `KeyError` or `ValueError` where it is none."""
        return cls(
            id=body["id"],
            short_url=body["shortUrl"],
            original_url=body["originalUrl"],
            created_at=datetime.fromisoformat(body["createdAt"]),
            updated_at=datetime.fromisoformat(body["updatedAt"]),
            clicks=int(body["clicks"]),
            bot_clicks=int(body["botClicks"]),
            imported_clicks=int(body.get("importedClicks") or 0),
            redirect_status=int(body["redirectStatus"]),
            max_age=body.get("maxAge"),
            pass_query=bool(body.get("passQuery")),
            expires_at=moment(body.get("expiresAt")),
            deleted_at=moment(body.get("deletedAt")),
            disabled_at=moment(body.get("disabledAt")),
            disabled_reason=body.get("disabledReason"),
            etag=etag,
        )


@dataclass(frozen=True, slots=True)
class LinkPage:
    """A page of links, newest first; `next_cursor` is `None` on the last one."""

    items: tuple[Link, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """What somebody wants a new link to be; `None` leaves the choice to the API."""

    original_url: str
    alias: str | None = None
    expires_at: datetime | None = None
    redirect_status: int | None = None
    max_age: int | None = None
    pass_query: bool | None = None


@dataclass(frozen=True, slots=True)
class LinkChanges:
    """What to change: only the fields named in `fields`, by their Python names."""

    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """The clicks of a day or an hour. `at` is the API's text: `2026-11-23`, or a time with its zone."""

    at: str
    clicks: int
    bot_clicks: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Clicks of a link, or of all links of somebody (`id` is then empty), in a period without gaps."""

    id: str
    first: str
    last: str
    tz: str
    interval: str
    clicks: int
    bot_clicks: int
    total_clicks: int
    total_bot_clicks: int
    series: tuple[Point, ...]
    breakdowns: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    zone_is_exact: bool = True
    links: int = 0
    top: tuple[tuple[str, int, int], ...] = ()

    @classmethod
    def from_json(cls, body: JsonObject) -> Stats:
        """Read the statistics of a link or of an account."""
        return cls(
            id=body.get("id", ""),
            first=body["from"],
            last=body["to"],
            tz=body["tz"],
            interval=body["interval"],
            clicks=int(body["clicks"]),
            bot_clicks=int(body["botClicks"]),
            total_clicks=int(body["totalClicks"]),
            total_bot_clicks=int(body["totalBotClicks"]),
            series=tuple(
                Point(entry.get("date") or entry["time"], int(entry["clicks"]), int(entry["botClicks"]))
                for entry in body["series"]
            ),
            breakdowns=body["breakdowns"],
            zone_is_exact=bool(body["zoneIsExact"]),
            links=int(body.get("links", 0)),
            top=tuple((row["id"], int(row["clicks"]), int(row["botClicks"])) for row in body.get("top", ())),
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """Who is signed in, and their totals."""

    user_id: str
    email: str | None
    total_links: int
    total_clicks: int
    created_at: datetime | None

    @classmethod
    def from_json(cls, body: JsonObject) -> Profile:
        """Read a `Me`."""
        return cls(
            user_id=body["userId"],
            email=body.get("email"),
            total_links=int(body["totalLinks"]),
            total_clicks=int(body["totalClicks"]),
            created_at=moment(body.get("createdAt")),
        )


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of somebody's machine; `token` is there only in the answer that makes it."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: str | None = None
    token: str | None = None

    @classmethod
    def from_json(cls, body: JsonObject) -> ApiToken:
        """Read a `TokenView` or a `NewTokenView`."""
        return cls(
            id=body["id"],
            name=body["name"],
            scopes=tuple(body["scopes"]),
            created_at=datetime.fromisoformat(body["createdAt"]),
            expires_at=moment(body.get("expiresAt")),
            last_used_at=body.get("lastUsedAt"),
            token=body.get("token"),
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One place where the API can be asked: a region's name and its address, without a last slash."""

    region: str
    url: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """What `/.well-known/hopcount.json` tells: where the API is and where people sign in."""

    version: str
    stage: str
    region: str
    base_url: str
    api_url: str
    cognito_endpoint: str
    user_pool_id: str
    client_id: str
    login_url: str
    providers: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()

    @classmethod
    def from_json(cls, body: JsonObject) -> Deployment:
        """Read a `Service`."""
        return cls(
            version=body["version"],
            stage=body["stage"],
            region=body["region"],
            base_url=body["baseUrl"].rstrip("/"),
            api_url=body["apiUrl"].rstrip("/"),
            cognito_endpoint=body["cognitoEndpoint"].rstrip("/"),
            user_pool_id=body["userPoolId"],
            client_id=body["userPoolClientId"],
            login_url=body["loginUrl"].rstrip("/"),
            providers=tuple(body.get("providers", ())),
            endpoints=tuple(
                Endpoint(entry["region"], entry["apiUrl"].rstrip("/")) for entry in body.get("endpoints", ())
            ),
        )
