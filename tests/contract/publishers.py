"""Each published event, made by its publisher's own code from fixed facts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hopcount_shared.events import Envelope
from links.stream import to_event
from redirect.domain.link import Link
from redirect.domain.visit import Visit
from redirect.events import Event, link_clicked
from users.events import user_deleted, user_registered
from web.domain.usage import Used
from web.events import app_used

MOMENT = datetime(2026, 11, 22, 15, 26, 58, 123456, tzinfo=UTC)
OWNER = "5f3b9f0e-6a43-4d0e-9a55-2f6f4d2f1a11"
ERASED_IMAGE = {
    "id": {"S": "abc1234"},
    "clicks": {"N": "0"},
    "erasedAt": {"S": "2026-11-22T15:26:58.123456Z"},
    "change": {"S": "erased"},
}


def published() -> Iterator[Envelope[Any] | Event]:
    """Yield one event of each kind."""
    yield link_clicked(
        Link(code="abc1234", url="https://example.com/", owner=OWNER),
        Visit(
            country="CH",
            user_agent="Mozilla/5.0",
            referrer_host="news.example",
            language="de-CH",
        ),
        ("0123456789abcdefABCDEF", 7),
        MOMENT,
        "request-1",
    )
    yield user_registered(OWNER, MOMENT, "request-1")
    yield user_deleted(OWNER, MOMENT, None)
    for version, change in enumerate(("created", "updated", "deleted", "restored"), start=1):
        yield to_event({"dynamodb": {"NewImage": link_image(change, version)}})
    yield to_event({"dynamodb": {"NewImage": ERASED_IMAGE, "OldImage": link_image("deleted", 3)}})
    yield app_used(
        [
            Used(MOMENT, "screen", screen="links", milliseconds=1840),
            Used(MOMENT, "link_created", result="ok", region="eu-central-1", milliseconds=312),
            Used(MOMENT, "error", kind="rate_limited"),
        ],
        MOMENT,
        "0123456789abcdefABCDEF",
    )


def link_image(change: str, version: int) -> dict[str, dict[str, str]]:
    """Return a link's row as the table's stream shows it."""
    moment = "2026-11-22T15:26:58.123456Z"
    image = {
        "id": {"S": "abc1234"},
        "originalUrl": {"S": "https://example.com/"},
        "userId": {"S": f"deleted#{OWNER}" if change == "deleted" else OWNER},
        "clicks": {"N": "0"},
        "botClicks": {"N": "0"},
        "createdAt": {"S": moment},
        "updatedAt": {"S": moment},
        "version": {"N": str(version)},
        "change": {"S": change},
    }
    return {**image, "deletedAt": {"S": moment}} if change == "deleted" else image
