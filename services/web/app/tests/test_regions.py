"""Which endpoint is asked: the nearest, the same one after a reload, another one when it fails."""

import asyncio
from urllib.parse import urlsplit

import pytest

from hopcount_app.api_service.errors import OfflineError
from hopcount_app.api_service.models import Endpoint
from hopcount_app.api_service.regions import Regions
from hopcount_app.storage import MemoryStorage
from hopcount_app.transport import Response

from .fakes import Clock, FakeTransport, Sent, answer, run

HOME = Endpoint("home", "https://home.example")
NEAR = Endpoint("near", "https://near.example")
FAR = Endpoint("far", "https://far.example")


class World:
    """Endpoints that answer after as many seconds as `distance` says; `None` is never."""

    def __init__(self, **distance: float | None) -> None:
        self.distance = distance
        self.clock = Clock()
        self.storage = MemoryStorage()
        self.transport = FakeTransport(self.serve)

    def serve(self, request: Sent) -> Response | Exception:
        seconds = self.distance[(urlsplit(request.url).hostname or "").split(".")[0]]
        if seconds is None:
            return OfflineError()
        self.clock.now += seconds
        return answer(200)

    def regions(self, *endpoints: Endpoint) -> Regions:
        listed = endpoints or (HOME, NEAR, FAR)
        return Regions(self.transport, self.storage, listed, now=self.clock, timer=self.clock)

    async def send(self, endpoint: Endpoint) -> Response:
        return await self.transport.request("GET", f"{endpoint.url}/urls", {})


def asked(world: World) -> list[str]:
    return [request.url for request in world.transport.sent if request.url.endswith("/urls")]


def test_the_first_one_is_used_until_all_are_measured() -> None:
    world = World(home=0.2, near=0.01, far=0.3)
    regions = world.regions()
    assert regions.current == HOME
    run(regions.measure())
    assert regions.current == NEAR
    assert regions.latencies == pytest.approx({"home": 200.0, "near": 10.0, "far": 300.0})


def test_the_median_counts_not_the_one_slow_answer() -> None:
    world = World(home=0.05, near=0.01)
    slow = iter([9.0])

    def serve(request: Sent) -> Response | Exception:
        world.clock.now += next(slow, 0.0) if "near" in request.url else 0.0
        return world.serve(request)

    world.transport.server = serve
    regions = world.regions(HOME, NEAR)
    run(regions.measure())
    assert regions.current == NEAR


def test_two_that_are_alike_do_not_take_turns() -> None:
    world = World(home=0.100, near=0.095)
    regions = world.regions(HOME, NEAR)
    run(regions.measure())
    assert regions.current == HOME


def test_the_choice_is_remembered_and_expires() -> None:
    world = World(home=0.2, near=0.01, far=0.3)
    run(world.regions().measure())
    after_reload = world.regions()
    run(after_reload.resume())
    assert after_reload.current == NEAR
    assert after_reload.latencies["far"] == pytest.approx(300.0)
    world.clock.now += after_reload.every
    too_late = world.regions()
    run(too_late.resume())
    assert too_late.current == HOME


@pytest.mark.parametrize(
    "kept",
    ["", "nonsense", "[]", "{}", "null", '{"region": "gone", "at": 1795000000, "latencies": {}}'],
)
def test_what_is_remembered_and_cannot_be_is_forgotten(kept: str) -> None:
    world = World(home=0.1, near=0.1, far=0.1)
    run(world.storage.set("hopcount.region", kept))
    regions = world.regions()
    run(regions.resume())
    assert regions.current == HOME


def test_what_may_be_repeated_goes_to_the_next_when_one_fails() -> None:
    world = World(home=None, near=0.01, far=0.3)
    regions, told = world.regions(), []
    regions.listeners.append(lambda: told.append(regions.current.region))

    async def ask() -> Response:
        found = await regions.ask(world.send, repeatable=True)
        again = await regions.ask(world.send, repeatable=True)
        assert found == again
        return found

    assert run(ask()).status == 200
    assert asked(world)[0] == "https://home.example/urls"
    assert set(asked(world)[1:]) == {"https://near.example/urls"}
    assert "near" in told


def test_what_must_not_happen_twice_fails_and_the_next_request_goes_elsewhere() -> None:
    world = World(home=None, near=0.01)
    regions = world.regions(HOME, NEAR)

    async def ask() -> int:
        with pytest.raises(OfflineError):
            await regions.ask(world.send, repeatable=False)
        return (await regions.ask(world.send, repeatable=False)).status

    assert run(ask()) == 200
    assert asked(world) == ["https://home.example/urls", "https://near.example/urls"]


def test_the_answer_of_a_failing_gateway_is_given_where_there_is_no_other() -> None:
    world = World(home=0.1)
    world.transport.server = lambda _: answer(503)
    assert run(world.regions(HOME).ask(world.send, repeatable=True)).status == 503


def test_when_none_answers_it_is_offline() -> None:
    world = World(home=None, near=None, far=None)
    with pytest.raises(OfflineError):
        run(world.regions().ask(world.send, repeatable=True))


def test_it_measures_beside_the_requests_when_that_is_due() -> None:
    world = World(home=0.2, near=0.01)
    regions = world.regions(HOME, NEAR)

    async def go() -> list[str]:
        used = []
        for pause in (0.0, 0.0, regions.every):
            world.clock.now += pause
            await regions.ask(world.send, repeatable=True)
            used.append(regions.current.region)
            await asyncio.sleep(0)
            if regions._running is not None:
                await regions._running
        return used

    assert run(go()) == ["home", "near", "near"]
    assert len([r for r in world.transport.sent if r.url.endswith("/health")]) == 2 * 2 * regions.samples


def test_a_single_endpoint_is_not_measured_unasked() -> None:
    world = World(home=0.2)
    run(world.regions(HOME).ask(world.send, repeatable=True))
    assert len(world.transport.sent) == 1


def test_what_is_learned_later_keeps_what_is_used() -> None:
    world = World(home=0.2, near=0.01)
    regions = world.regions(Endpoint("", HOME.url))
    regions.learn([NEAR, HOME])
    assert regions.current == HOME
