"""No click is lost on the way, and none goes two ways if one will do."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.redirect.tests.support import (
    FIREFOX,
    NOW,
    PRODUCER,
    FakeClock,
    FakeTransport,
    make_link,
    make_numbers,
)

from redirect.aws.errors import RefusedError, UnansweredError
from redirect.clicks import REST_SECONDS, Clicks
from redirect.domain.click import Click
from redirect.domain.visit import read_visit
from redirect.events import Event, link_clicked

FAILURES = [
    RefusedError(400, "AccessDeniedException"),
    RefusedError(200, "InternalFailure"),
    UnansweredError("no answer"),
    RuntimeError("whatever else"),
]


def make_click(**headers: str) -> Click:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Click(make_link(), sent, NOW, "request-1")


def event(click: Click, sequence: int = 0) -> Event:
    return link_clicked(
        click.link, read_visit(click.headers), (PRODUCER, sequence), click.occurred_at, click.correlation_id
    )


def logged(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def restored(text: str) -> dict[str, Any]:
    """What a replay from the log makes of the line."""
    [line] = logged(text)
    assert (line["level"], line["message"]) == ("ERROR", "click not published")
    assert line["eventId"] == line["event"]["id"]
    envelope: dict[str, Any] = line["event"]
    return envelope


class World:
    def __init__(self, *transports: FakeTransport) -> None:
        self.clock = FakeClock(100.0)
        self.clicks = Clicks(transports, make_numbers(), self.clock)

    def record(self, click: Click, seconds: float = 3.0) -> None:
        self.clicks.record(click, self.clock.now + seconds)


def test_a_click_takes_the_first_way() -> None:
    bus, queue = FakeTransport("bus"), FakeTransport("queue")
    World(bus, queue).record(make_click())
    assert bus.sent == [event(make_click())]
    assert queue.sent == []


def test_clicks_are_numbered_across_links() -> None:
    bus = FakeTransport()
    world = World(bus)
    for code in ("one", "two", "one"):
        world.record(Click(make_link(code), {}, NOW, None))
    assert [(sent.id, sent.envelope["data"]["shortCode"]) for sent in bus.sent] == [
        (f"{PRODUCER}:0", "one"),
        (f"{PRODUCER}:1", "two"),
        (f"{PRODUCER}:2", "one"),
    ]


@pytest.mark.parametrize("failure", FAILURES)
class TestBusDown:
    def test_a_click_takes_the_second_way(
        self, failure: Exception, capsys: pytest.CaptureFixture[str]
    ) -> None:
        bus, queue = FakeTransport("bus", failure), FakeTransport("queue")
        World(bus, queue).record(make_click())
        assert queue.sent == [event(make_click())]
        assert logged(capsys.readouterr().out) == [
            {
                "level": "WARNING",
                "message": "click sent to the queue",
                "service": "redirect",
                "eventId": f"{PRODUCER}:0",
            }
        ]

    def test_the_next_clicks_do_not_try_it(self, failure: Exception) -> None:
        bus, queue = FakeTransport("bus", failure), FakeTransport("queue")
        world = World(bus, queue)
        world.record(make_click())
        world.clock.now += REST_SECONDS - 0.001
        world.record(make_click())
        assert (len(bus.deadlines), len(queue.sent)) == (1, 2)
        world.clock.now += 0.001
        world.record(make_click())
        assert (len(bus.sent), len(queue.sent)) == (1, 2)

    def test_a_click_that_nobody_takes_is_in_the_log_whole(
        self, failure: Exception, capsys: pytest.CaptureFixture[str]
    ) -> None:
        click = make_click(user_agent=FIREFOX, referer="https://example.org/", accept_language="de")
        World(FakeTransport("bus", failure), FakeTransport("queue", failure)).record(click)
        text = capsys.readouterr().out
        assert restored(text) == event(click).envelope
        assert json.loads(text)["error"] == type(failure).__name__


def test_while_both_rest_clicks_go_to_the_log_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    bus, queue = FakeTransport("bus", FAILURES[0]), FakeTransport("queue", FAILURES[0])
    world = World(bus, queue)
    world.record(make_click())
    capsys.readouterr()
    world.record(make_click())
    assert restored(capsys.readouterr().out) == event(make_click(), 1).envelope
    assert len(bus.deadlines) == len(queue.deadlines) == 1


def test_a_click_that_comes_too_late_goes_to_the_log_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    bus = FakeTransport()
    World(bus).record(make_click(), seconds=0)
    assert restored(capsys.readouterr().out) == event(make_click()).envelope
    assert bus.deadlines == []


def test_the_first_way_leaves_the_second_its_share_of_the_time() -> None:
    bus, queue = FakeTransport("bus", FAILURES[0]), FakeTransport("queue")
    World(bus, queue).record(make_click(), seconds=3.0)
    assert (bus.deadlines, queue.deadlines) == ([101.5], [103.0])


def test_a_queue_that_was_chosen_is_no_detour(capsys: pytest.CaptureFixture[str]) -> None:
    World(FakeTransport("queue")).record(make_click())
    assert capsys.readouterr().out == ""


@given(user_agent=st.text(st.characters()), referer=st.text(st.characters()))
def test_any_click_survives_the_log(user_agent: str, referer: str) -> None:
    lines: list[str] = []
    click = make_click(user_agent=user_agent, referer=referer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout.write", lines.append, raising=False)
        World(FakeTransport("bus", RuntimeError("down"))).record(click)
    assert restored("".join(lines)) == event(click).envelope
