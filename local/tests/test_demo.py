"""The demo against a small stand-in of the API, over HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from local.tests.support import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hopcount_local import demo
from hopcount_local.demo_data import BOTS, PEOPLE, URLS, Visitors
from hopcount_local.errors import DemoError
from hopcount_local.progress import Progress
from hopcount_local.settings import Settings


class FakeApi:
    """Keeps links and counts each followed one; breaks after a number of visits."""

    def __init__(self) -> None:
        self.user = "user-1"
        self.links: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.clicks: Counter[str] = Counter()
        self.visits = 0
        self.breaks_after: int | None = None
        self.shows_clicks = True
        self.seen: list[Request] = []

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/users/me", self.me),
                Route("/urls", self.list, methods=["GET"]),
                Route("/urls", self.create, methods=["POST"]),
                Route("/{code}", self.follow),
            ]
        )

    async def me(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer token"
        return JSONResponse({"userId": self.user})

    async def list(self, request: Request) -> Response:
        items = [
            {"id": code, "originalUrl": url, "clicks": self.clicks[code] * self.shows_clicks, "botClicks": 0}
            for code, url in self.links.items()
        ]
        return JSONResponse({"items": items, "nextCursor": None})

    async def create(self, request: Request) -> Response:
        key = request.headers["idempotency-key"]
        code = self.keys.setdefault(key, f"code{len(self.keys)}")
        self.links[code] = (await request.json())["originalUrl"]
        return JSONResponse({"id": code}, 201)

    async def follow(self, request: Request) -> Response:
        self.visits += 1
        if self.breaks_after is not None and self.visits > self.breaks_after:
            return Response(status_code=500)
        assert "authorization" not in request.headers
        self.seen.append(request)
        self.clicks[request.path_params["code"]] += request.method == "GET"
        return Response(status_code=301)


@pytest.fixture(scope="module")
def served_api() -> Iterator[tuple[FakeApi, int]]:
    api = FakeApi()
    with served(api.app()) as port:
        yield api, port


@pytest.fixture
def api(served_api: tuple[FakeApi, int]) -> FakeApi:
    served_api[0].__init__()  # type: ignore[misc]  # as new: the routes hold this very object
    return served_api[0]


@pytest.fixture
def settings(served_api: tuple[FakeApi, int], tmp_path: Path) -> Settings:
    return Settings(tmp_path, port=served_api[1])


EXPECTED = sum(PEOPLE) + sum(BOTS)


def test_links_are_made_and_followed(api: FakeApi, settings: Settings) -> None:
    demo.ensure(settings, "token", Progress())
    assert sorted(api.links.values()) == sorted(URLS)
    assert api.clicks.total() == EXPECTED
    assert api.visits == EXPECTED + len(URLS)  # one HEAD each
    agents = {request.headers["user-agent"] for request in api.seen}
    assert len(agents) > 20
    assert any("bot" in agent for agent in agents)
    assert len({request.headers["x-hopcount-viewer-country"] for request in api.seen}) > 5


def test_it_happens_once(api: FakeApi, settings: Settings) -> None:
    demo.ensure(settings, "token", Progress())
    api.links.popitem()
    demo.ensure(settings, "token", Progress())
    assert api.clicks.total() == EXPECTED
    assert len(api.links) == len(URLS) - 1


def test_an_interrupted_one_goes_on_and_doubles_nothing(api: FakeApi, settings: Settings) -> None:
    for visits in (0, 5, 30):
        api.visits, api.breaks_after = 0, visits
        with pytest.raises(DemoError, match="500 instead of 301"):
            demo.ensure(settings, "token", Progress())
    api.breaks_after = None
    codes = {url: code for code, url in api.links.items()}
    # A visit that fails is not made again, so it is missing from what the stand-in counted.
    noted = demo.read_json(demo.journal(settings))["visits"]
    for code in codes.values():
        api.clicks[code] = noted.get(code, {"clicks": 0})["clicks"]
    demo.ensure(settings, "token", Progress())
    assert len(api.links) == len(URLS)
    assert api.clicks.total() == EXPECTED


def test_an_accounts_own_links_are_left_alone(api: FakeApi, settings: Settings) -> None:
    api.links["mine"] = "https://example.com/"
    demo.ensure(settings, "token", Progress())
    assert list(api.links) == ["mine"]
    assert not api.visits


def test_a_new_account_gets_a_new_demo(api: FakeApi, settings: Settings) -> None:
    demo.ensure(settings, "token", Progress())
    api.__init__()  # type: ignore[misc]  # as after a reset
    api.user = "user-2"
    demo.ensure(settings, "token", Progress())
    assert api.clicks.total() == EXPECTED


def test_clicks_that_never_show_are_reported(
    api: FakeApi, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "_COUNTED_WITHIN", 0.0)
    api.shows_clicks = False
    with pytest.raises(DemoError, match="clicks were not counted within"):
        demo.ensure(settings, "token", Progress())


def test_visits_of_a_link_are_the_same_each_time() -> None:
    first, second = (list(Visitors(demo.chance("code")).of_link(0)) for _ in range(2))
    assert first == second
    assert len(first) == PEOPLE[0] + BOTS[0] + 1
    assert len(URLS) == len(PEOPLE) == len(BOTS)
