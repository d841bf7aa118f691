"""A redirect never fails because counting does, and no click is lost on the way."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st
from services.redirect.tests.support import FIREFOX, NOW, PRODUCER, FakePublisher, make_link

from hopcount_shared.aws import client
from hopcount_shared.errors import PublishError
from hopcount_shared.events import Envelope, EventPublisher
from redirect import bootstrap
from redirect.clicks import BusClicks
from redirect.domain.visit import read_visit
from redirect.events import LinkClicked, link_clicked


def make_click(**headers: str) -> Envelope[LinkClicked]:
    visit = read_visit("GET", {name.replace("_", "-"): value for name, value in headers.items()})
    return link_clicked(make_link(), visit, (PRODUCER, 7), NOW, "request-1")


def restored(text: str) -> Envelope[LinkClicked]:
    """What a replay from the log makes of the line."""
    [line] = text.splitlines()
    written = json.loads(line)
    assert (written["level"], written["message"]) == ("ERROR", "click not published")
    assert written["eventId"] == written["event"]["id"]
    return Envelope[LinkClicked].model_validate(written["event"])


def test_a_click_is_published() -> None:
    publisher = FakePublisher()
    BusClicks(publisher).record(make_click())
    assert publisher.published == [make_click()]


@pytest.mark.parametrize(
    "failure",
    [
        PublishError([f"{PRODUCER}:7"]),
        ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutEvents"),
        EndpointConnectionError(endpoint_url="https://events"),
        RuntimeError("whatever else"),
    ],
)
def test_a_click_that_the_bus_does_not_take_is_in_the_log_whole(
    failure: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    click = make_click(user_agent=FIREFOX, referer="https://example.org/", accept_language="de")
    BusClicks(FakePublisher(failure)).record(click)
    text = capsys.readouterr().out
    assert restored(text) == click
    assert json.loads(text)["error"] == type(failure).__name__


def test_the_next_click_is_published_again(capsys: pytest.CaptureFixture[str]) -> None:
    publisher = FakePublisher(RuntimeError("once"))
    BusClicks(publisher).record(make_click())
    BusClicks(publisher).record(make_click())
    assert len(publisher.published) == 1


@given(user_agent=st.text(st.characters()), referer=st.text(st.characters()))
def test_any_click_survives_the_log(user_agent: str, referer: str) -> None:
    lines: list[str] = []
    click = make_click(user_agent=user_agent, referer=referer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout.write", lines.append, raising=False)
        BusClicks(FakePublisher(RuntimeError("down"))).record(click)
    assert restored("".join(lines)) == click


class TestBus:
    """A real client, and a bus that is not what it should be."""

    @pytest.fixture
    def silent(self) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"

    @pytest.fixture
    def absent(self, silent: str) -> str:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return f"http://127.0.0.1:{server.getsockname()[1]}"

    @pytest.mark.parametrize("kind", ["silent", "absent"])
    def test_does_not_keep_the_visitor_and_loses_nothing(
        self,
        kind: str,
        request: pytest.FixtureRequest,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_EVENTS", request.getfixturevalue(kind))
        events: Any = client("events", attempts=bootstrap.ATTEMPTS, connect_timeout=0.1, read_timeout=0.1)
        BusClicks(EventPublisher(events, "bus", attempts=bootstrap.ATTEMPTS)).record(make_click())
        assert restored(capsys.readouterr().out) == make_click()
