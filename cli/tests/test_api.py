"""The API's client: credentials, patience, errors."""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from hopcount_cli.api import Api
from hopcount_cli.credentials import ApiToken
from hopcount_cli.errors import ApiError, CommandError, NetworkError, SessionError

URL = "https://go.example.com"
BUSY = httpx.Response(503, headers={"Retry-After": "2"}, json={"message": "Service Unavailable"})
OK = httpx.Response(200, json={"ok": True})
Answer = httpx.Response | Exception


class World:
    """Gives answers in their order; the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []
        self.notes: list[str] = []
        self.http = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.api = Api(URL, ApiToken("hc_1"), self.http, wait=self.waits.append, notify=self.notes.append)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def gives(self, *answers: Answer) -> Api:
        self.answers = [*answers]
        return self.api


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    with world.http:
        yield world


def test_a_machine_asks_behind_its_own_path(world: World) -> None:
    assert world.gives(OK).fetch("GET", "/urls", params={"q": "a b", "cursor": None}) == {"ok": True}
    (request,) = world.requests
    assert str(request.url) == f"{URL}/v1/urls?q=a+b"
    assert request.headers["Authorization"] == "Bearer hc_1"


@pytest.mark.parametrize(
    "failures", [[BUSY], [httpx.ConnectError("refused")], [httpx.ReadTimeout("slow"), BUSY, BUSY]]
)
def test_what_is_safe_is_asked_again(world: World, failures: Sequence[Answer]) -> None:
    for method, headers in (("GET", {}), ("POST", {"Idempotency-Key": "k"})):
        world.waits.clear()
        assert world.gives(*failures, OK).request(method, "/urls", headers=headers).status_code == 200
        assert len(world.waits) == len(failures) == len(world.notes[-len(failures) :])


def test_a_retry_waits_as_long_as_it_is_told(world: World) -> None:
    world.gives(BUSY, OK).request("GET", "/urls")
    assert world.waits == [2.0]


@pytest.mark.parametrize("failure", [BUSY, httpx.ConnectError("refused")])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_what_is_not_safe_is_asked_once(world: World, method: str, failure: Answer) -> None:
    with pytest.raises(CommandError) as caught:
        world.gives(failure).request(method, "/urls")
    assert caught.value.exit_code == 4
    assert len(world.requests) == 1


def test_patience_ends(world: World) -> None:
    with pytest.raises(ApiError, match=r"the service failed \(503\)"):
        world.gives(BUSY).request("GET", "/urls")
    with pytest.raises(NetworkError, match="cannot be reached: it does not answer in time"):
        world.gives(httpx.ReadTimeout("slow")).request("GET", "/urls")
    assert len(world.requests) == 8


def test_nobody_waits_for_an_hour(world: World) -> None:
    problem = {"type": "urn:hopcount:problem:quota-exceeded", "detail": "1000 links an hour"}
    with pytest.raises(ApiError, match="1000 links an hour; try again in 3000 s") as caught:
        world.gives(httpx.Response(429, headers={"Retry-After": "3000"}, json=problem)).request(
            "GET", "/urls"
        )
    assert (world.waits, caught.value.kind, caught.value.exit_code) == ([], "quota-exceeded", 2)


@pytest.mark.parametrize(
    ("answer", "kind", "code", "told"),
    [
        (httpx.Response(404, json={"detail": "no such link"}), ApiError, 2, "no such link"),
        (httpx.Response(500, text="<html>"), ApiError, 4, r"the service failed \(500\)"),
        (httpx.Response(413, json={"message": "Request Too Long"}), ApiError, 2, "Request Too Long"),
        (httpx.Response(401, json={"message": "Unauthorized"}), SessionError, 3, "HOPCOUNT_TOKEN is refused"),
        (httpx.Response(403, json={"message": "Forbidden"}), SessionError, 3, "HOPCOUNT_TOKEN is refused"),
        (httpx.Response(302, headers={"Location": "/"}), NetworkError, 4, "it redirects"),
        (httpx.Response(200, text="<html>"), NetworkError, 4, "is not Hopcount's API"),
        (httpx.Response(200, text="[]"), NetworkError, 4, "is not Hopcount's API"),
        (httpx.Response(422, json={"errors": [7], "detail": "odd"}), ApiError, 2, "odd"),
        (httpx.Response(400, json=["x"]), ApiError, 2, "Bad Request"),
    ],
)
def test_a_refusal_says_what_and_ends_with_its_code(
    world: World, answer: httpx.Response, kind: type[CommandError], code: int, told: str
) -> None:
    with pytest.raises(kind, match=told) as caught:
        world.gives(answer).fetch("POST", "/urls")
    assert caught.value.exit_code == code


def test_wrong_fields_are_all_named(world: World) -> None:
    errors = [{"field": "originalUrl", "message": "no URL"}, {"field": "alias", "message": "is taken"}]
    with pytest.raises(ApiError, match="originalUrl: no URL; alias: is taken"):
        world.gives(httpx.Response(422, json={"errors": errors})).fetch("POST", "/urls")


def test_an_export_follows_cursors_to_no_other_address(world: World) -> None:
    next_page = {"Link": '<https://evil.example/urls/export?cursor=c%2F1&format=jsonl>; rel="next"'}
    pages = (
        httpx.Response(200, headers=next_page, text='{"id": "a\u2028b"}\n{"id": "b"}\n'),
        httpx.Response(200, text='{"id": "c"}\n'),
    )
    rows: list[Any] = [row["id"] for row in world.gives(*pages).export()]
    assert rows == ["a\u2028b", "b", "c"]
    assert {request.url.host for request in world.requests} == {"go.example.com"}
    assert [request.url.params.get("cursor") for request in world.requests] == [None, "c/1"]


def test_many_links_go_with_their_key(world: World) -> None:
    world.gives(OK).bulk([{"originalUrl": "https://example.com/"}], "key-1")
    (request,) = world.requests
    assert (request.url.path, request.headers["Idempotency-Key"]) == ("/v1/urls/bulk", "key-1")
