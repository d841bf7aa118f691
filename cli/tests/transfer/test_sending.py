from collections.abc import Mapping
from typing import Any

import pytest
from cli.tests.transfer.fake_service import FakeService, break_off

from hopcount_cli.errors import ApiError, NetworkError
from hopcount_cli.transfer.sending import chunk_key, chunks, send_chunk

BODIES = [{"originalUrl": f"https://a.example/{number}"} for number in range(5)]


class Pauses:
    def __init__(self) -> None:
        self.seen: list[tuple[float, str]] = []
        self.then: Any = lambda: None

    def __call__(self, seconds: float, why: str) -> None:
        self.seen.append((seconds, why))
        self.then()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


def test_chunks_lose_nothing() -> None:
    assert list(chunks(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks([], 3)) == []


def test_a_key_follows_from_what_is_sent_and_where_it_stands() -> None:
    key = chunk_key(0, BODIES)
    assert key == chunk_key(0, [dict(reversed(body.items())) for body in BODIES])
    assert len({key, chunk_key(1, BODIES), chunk_key(0, BODIES[:4]), chunk_key(0, BODIES[::-1])}) == 4
    assert key.isascii()
    assert len(key) <= 255


def test_an_answer_that_was_lost_is_asked_for_again(pauses: Pauses) -> None:
    service = FakeService(after=break_off(0, NetworkError))
    assert statuses(send_chunk(service, BODIES, "key", pauses)) == ["existing"] * 5
    assert len(service.links) == 5
    assert pauses.seen == [(5.0, "broken off")]


def test_a_service_that_stays_away_is_given_up_and_told(pauses: Pauses) -> None:
    def away(_: int) -> None:
        raise NetworkError("away")

    with pytest.raises(NetworkError, match="away"):
        send_chunk(FakeService(before=away), BODIES, "key", pauses)
    assert [seconds for seconds, _ in pauses.seen] == [5.0, 10.0, 20.0, 40.0]


def test_a_refusal_is_not_repeated(pauses: Pauses) -> None:
    def refuse(_: int) -> None:
        raise ApiError({"status": 403, "detail": "needs links:write"})

    with pytest.raises(ApiError, match="links:write"):
        send_chunk(FakeService(before=refuse), BODIES, "key", pauses)
    assert pauses.seen == []


def test_a_throttle_is_waited_for_as_long_as_it_says(pauses: Pauses) -> None:
    def throttle(number: int) -> None:
        if number == 0:
            raise ApiError({"status": 429, "detail": "busy", "retryAfter": 33})

    send_chunk(FakeService(before=throttle), BODIES, "key", pauses)
    assert pauses.seen == [(33.0, "busy; try again in 33 s")]


def test_the_quota_is_waited_for_and_every_row_made_once(pauses: Pauses) -> None:
    service = FakeService(quota=2)

    def renew() -> None:
        service.quota = 2

    pauses.then = renew
    assert statuses(send_chunk(service, BODIES, "key", pauses)) == ["created"] * 5
    assert [link["originalUrl"] for link in service.links.values()] == [
        body["originalUrl"] for body in BODIES
    ]
    assert pauses.seen == [(7.0, "the quota of new links is used up")] * 2
    assert {key for key, _ in service.requests} == {"key"}


def test_a_quota_that_never_comes_back_ends_it(pauses: Pauses) -> None:
    with pytest.raises(ApiError):
        send_chunk(FakeService(quota=0), BODIES, "key", pauses)
    assert len(pauses.seen) == 3


def test_rows_that_the_service_had_no_time_for_are_sent_again(pauses: Pauses) -> None:
    service = FakeService()
    service.busy = {"https://a.example/1": 1, "https://a.example/4": 2}
    assert statuses(send_chunk(service, BODIES, "key", pauses)) == ["created"] * 5
    assert pauses.seen == [(2.0, "the service failed (503): no time left")] * 2


def test_a_row_that_always_fails_does_not_hold_the_others_up(pauses: Pauses) -> None:
    service = FakeService()
    service.busy = {"https://a.example/1": 1000}
    assert statuses(send_chunk(service, BODIES, "key", pauses)) == ["created", "failed", *["created"] * 3]
    assert len(pauses.seen) == 3


def test_an_answer_that_does_not_fit_is_no_answer(pauses: Pauses) -> None:
    class Other(FakeService):
        def bulk(self, links: Any, key: str) -> dict[str, Any]:
            answer: Mapping[str, Any] = super().bulk(links, key)
            return {"results": answer["results"][1:]}

    with pytest.raises(NetworkError, match="not Hopcount"):
        send_chunk(Other(), BODIES, "key", pauses)
