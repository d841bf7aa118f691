"""Product events: which, when they are handed in, and when they are not."""

import asyncio
from datetime import UTC, datetime

import pytest

from hopcount_app.api_service import errors
from hopcount_app.storage import MemoryStorage
from hopcount_app.usage import BATCH, MOST_WAITING, Event, Usage

from .fakes import run

NOW = datetime(2026, 11, 23, 9, 15, 21, 987654, tzinfo=UTC)


class Inbox:
    def __init__(self, *, is_on: bool = True) -> None:
        self.batches: list[list[Event]] = []
        self.wake = asyncio.Event()
        self.waits: list[float] = []
        self.failure: errors.ServiceError | None = None
        self.storage = MemoryStorage()
        self.usage = Usage(
            self.take,
            self.storage,
            is_on=is_on,
            region=lambda: "eu-west-1",
            clock=lambda: NOW,
            sleep=self.sleep,
        )

    async def take(self, events: list[Event]) -> None:
        self.batches.append(events)
        if self.failure:
            raise self.failure

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self.wake.wait()


async def others() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_an_event_says_what_and_nothing_about_whom() -> None:
    async def go() -> list[list[Event]]:
        inbox = Inbox()
        inbox.usage.record("screen", screen="links", milliseconds=1843.7)
        inbox.usage.record("link_created", result="ok")
        inbox.usage.record_error(errors.RateLimitedError())
        inbox.usage.record_error(ZeroDivisionError("secret"))
        await inbox.usage.flush()
        return inbox.batches

    at = {"at": "2026-11-23T09:15:21Z", "region": "eu-west-1"}
    assert run(go()) == [
        [
            {"name": "screen", **at, "screen": "links", "milliseconds": 1840},
            {"name": "link_created", **at, "result": "ok"},
            {"name": "error", **at, "kind": "rate_limited"},
            {"name": "error", **at, "kind": "unexpected"},
        ]
    ]


def test_a_batch_is_handed_in_when_it_is_full_or_after_ten_seconds() -> None:
    async def go() -> tuple[list[int], list[float]]:
        inbox = Inbox()
        for _ in range(BATCH + 3):
            inbox.usage.record("sign_in")
        await others()
        full = [len(batch) for batch in inbox.batches]
        inbox.usage.record("sign_in")
        inbox.wake.set()
        await others()
        return [*full, -1, *(len(batch) for batch in inbox.batches[len(full) :])], inbox.waits

    sizes, waits = run(go())
    assert sizes[0] == BATCH
    assert sum(sizes) + 1 == BATCH + 4
    assert set(waits) == {10.0}


def test_no_more_than_a_hundred_wait() -> None:
    async def go() -> list[int]:
        inbox = Inbox()
        for _ in range(MOST_WAITING + 50):
            inbox.usage.record("sign_in")
        await inbox.usage.flush()
        await others()
        return [len(batch) for batch in inbox.batches]

    assert sum(run(go())) == MOST_WAITING


@pytest.mark.parametrize("failure", [errors.OfflineError(), errors.RateLimitedError(), errors.ServerError()])
def test_what_cannot_be_handed_in_is_forgotten(failure: errors.ServiceError) -> None:
    async def go() -> int:
        inbox = Inbox()
        inbox.failure = failure
        inbox.usage.record("sign_in")
        await inbox.usage.flush()
        await inbox.usage.flush()
        return len(inbox.batches)

    assert run(go()) == 1


def test_the_first_view_tells_how_long_the_app_took_to_open() -> None:
    async def go() -> list[object]:
        inbox = Inbox()
        inbox.usage.since_opened = lambda: 4210.6
        inbox.usage.record_screen("sign_in")
        inbox.usage.record_screen("links")
        await inbox.usage.flush()
        return [event.get("milliseconds") for event in inbox.batches[0]]

    assert run(go()) == [4210, None]


def test_nothing_is_collected_where_it_is_off() -> None:
    async def go() -> list[list[Event]]:
        inbox = Inbox(is_on=False)
        inbox.usage.record("sign_in")
        await inbox.usage.flush()
        return inbox.batches

    assert run(go()) == []


def test_who_does_not_want_it_is_heeded_at_once_and_after_a_reload() -> None:
    async def go() -> list[list[Event]]:
        inbox = Inbox()
        inbox.usage.record("sign_in")
        await inbox.usage.allow(allowed=False)
        await inbox.usage.flush()
        after_reload = Usage(inbox.take, inbox.storage, is_on=True)
        await after_reload.resume()
        assert not after_reload.is_allowed
        after_reload.record("sign_in")
        await after_reload.flush()
        await after_reload.allow(allowed=True)
        await inbox.usage.resume()
        assert inbox.usage.is_allowed
        return inbox.batches

    assert run(go()) == []
