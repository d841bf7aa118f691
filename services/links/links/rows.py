"""A link as an item of the table `UrlShortener`."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from hopcount_shared.times import from_iso, to_iso
from links.domain.link import Link, LinkChanges

_TRASH = "deleted#"

ERASED = (
    *("originalUrl", "userId", "createdAt", "updatedAt", "expiresAt", "deletedAt", "redirectStatus"),
    *("maxAge", "passQuery", "importedClicks", "disabledAt", "disabledReason", "version", "requestId"),
)
"""What erasing takes from a row: all that `to_item` writes but the id and what others count."""

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def owner_key(owner: str, *, deleted: bool) -> str:
    """Return the key under which the index lists somebody's links, or their trash."""
    return f"{_TRASH}{owner}" if deleted else owner


def owner_in(item: Mapping[str, Any]) -> str:
    """Return who an item belongs to, alive or deleted."""
    owner: str = _deserialize(item["userId"])
    return owner.removeprefix(_TRASH)


def to_item(link: Link, change: str) -> dict[str, Any]:
    """Write a link as an item; `change` names what was done to it."""
    row: dict[str, Any] = {
        "id": link.id,
        "originalUrl": link.original_url,
        "userId": owner_key(link.owner, deleted=link.deleted_at is not None),
        "clicks": link.clicks,
        "botClicks": link.bot_clicks,
        "createdAt": link.created_at,
        "updatedAt": link.updated_at,
        "expiresAt": link.expires_at,
        "deletedAt": link.deleted_at,
        "redirectStatus": link.redirect_status,
        "maxAge": link.max_age,
        "passQuery": link.pass_query or None,
        "importedClicks": link.imported_clicks or None,
        "disabledAt": link.disabled_at,
        "disabledReason": link.disabled_reason,
        "version": link.version,
        "change": change,
        "requestId": link.request_id,
    }
    return to_values(row)


def to_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write attributes as DynamoDB takes them; those that are `None` are left out."""
    return {
        name: _serialize(to_iso(value) if isinstance(value, datetime) else value)
        for name, value in row.items()
        if value is not None
    }


def to_attributes(changes: LinkChanges) -> dict[str, Any]:
    """Name the attributes that an owner's changes set, or clear with `None`."""
    names = {
        "original_url": "originalUrl",
        "expires_at": "expiresAt",
        "redirect_status": "redirectStatus",
        "max_age": "maxAge",
        "pass_query": "passQuery",
    }
    # The one flag stands in the row only while it is set: most links are without.
    return {names[field]: None if value is False else value for field, value in changes.items()}


def from_item(item: Mapping[str, Any]) -> Link:
    """Read a link from an item."""
    row = {name: _deserialize(value) for name, value in item.items()}
    if "erasedAt" in row:
        return _erased(row)
    return Link(
        id=row["id"],
        original_url=row["originalUrl"],
        owner=owner_in(item),
        created_at=from_iso(row["createdAt"]),
        updated_at=from_iso(row["updatedAt"]),
        request_id=row.get("requestId", ""),
        clicks=int(row.get("clicks", 0)),
        bot_clicks=int(row.get("botClicks", 0)),
        version=int(row["version"]),
        expires_at=_moment(row.get("expiresAt")),
        deleted_at=_moment(row.get("deletedAt")),
        redirect_status=_number(row.get("redirectStatus")),
        max_age=_number(row.get("maxAge")),
        pass_query=row.get("passQuery", False),
        imported_clicks=int(row.get("importedClicks", 0)),
        disabled_at=_moment(row.get("disabledAt")),
        disabled_reason=row.get("disabledReason"),
    )


def _erased(row: Mapping[str, Any]) -> Link:
    """Read what is left of a link: its name, so that nobody gets it again."""
    moment = from_iso(row["erasedAt"])
    return Link(
        id=row["id"],
        original_url="",
        owner="",
        created_at=moment,
        updated_at=moment,
        request_id="",
        version=0,
        erased_at=moment,
    )


def _moment(value: str | None) -> datetime | None:
    return None if value is None else from_iso(value)


def _number(value: Decimal | None) -> int | None:
    return None if value is None else int(value)
