"""`POST /events` and what counts it, wired as in Lambda, with a bus and messages as AWS sends them."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from services.web.tests.support import CONTEXT, Answer, http_event, queue_event

from hopcount_shared.errors import PublishError
from hopcount_shared.events import Envelope
from hopcount_shared.times import utc_now
from web import bootstrap
from web.domain.usage import Used
from web.events import app_used
from web.handlers import collect_events, count_usage
from web.usage_service import UsageCollector, UsageCounter

NOW = datetime.now(UTC)
HOUR = NOW.replace(minute=0, second=0, microsecond=0)


def at(**ago: float) -> str:
    return (NOW - timedelta(**ago)).isoformat().replace("+00:00", "Z")


SCREEN = {"name": "screen", "at": at(seconds=5), "screen": "links"}


@pytest.fixture(autouse=True)
def fresh_sandbox() -> Iterator[None]:
    yield
    bootstrap.usage_collector.cache_clear()
    bootstrap.usage_counter.cache_clear()


class Bus:
    """A bus that keeps what is put on it."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, envelopes: Sequence[Envelope[Any]]) -> None:
        self.published += [json.loads(envelope.to_json()) for envelope in envelopes]


class RefusingBus:
    """A bus that takes nothing."""

    def publish(self, envelopes: Sequence[Envelope[Any]]) -> None:
        raise PublishError([envelope.id for envelope in envelopes])


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    bus = Bus()
    monkeypatch.setattr(bootstrap, "usage_collector", lambda: UsageCollector(bus, utc_now))
    return bus


def post(body: Any, **headers: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(collect_events.handler(http_event("POST", "/events", text, **headers), CONTEXT))


def tell(*events: dict[str, Any], **headers: str) -> Answer:
    return post({"events": events}, **headers)


class TestCollectEvents:
    def test_a_batch_is_one_event_on_the_bus(self, bus: Bus) -> None:
        answer = tell(
            {**SCREEN, "milliseconds": 1840},
            {"name": "link_created", "at": at(minutes=1), "result": "ok", "region": "eu-central-1"},
            {"name": "error", "at": at(hours=2), "kind": "offline"},
        )
        assert (answer.status, answer.raw["body"]) == (202, "")
        (event,) = bus.published
        screen, created, error = event["data"]["events"]
        assert (screen["name"], screen["screen"], screen["milliseconds"]) == ("screen", "links", 1840)
        assert (created["name"], created["result"], created["region"]) == (
            "link_created",
            "ok",
            "eu-central-1",
        )
        assert (error["name"], error["kind"], error["result"]) == ("error", "offline", None)

    def test_no_time_is_published_but_the_hour(self, bus: Bus) -> None:
        tell(SCREEN, {**SCREEN, "at": at(hours=3)})
        (event,) = bus.published
        times = [event["time"], *(told["hour"] for told in event["data"]["events"])]
        assert all(time.endswith(":00:00.000000Z") for time in times)

    def test_nothing_about_the_sender_is_published_or_logged(
        self, bus: Bus, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        secrets = {
            "user_agent": "Tellale/1.0",
            "referer": "https://told.example/",
            "cookie": "session=told",
            "authorization": "Bearer told.token",
            "x_forwarded_for": "203.0.113.77",
        }
        assert tell(SCREEN, **secrets).status == 202
        assert tell({**SCREEN, "screen": "told"}, **secrets).status == 422
        (event,) = bus.published
        assert event["correlationId"] is None
        told = json.dumps(event) + caplog.text + "".join(capfd.readouterr())
        for secret in (*secrets.values(), "203.0.113.1", "request-1-published"):
            assert secret not in told

    @pytest.mark.parametrize("headers", [{"sec_gpc": "1"}, {"dnt": "1"}, {"sec_gpc": "1", "dnt": "0"}])
    def test_who_does_not_want_it_is_not_counted(self, bus: Bus, headers: dict[str, str]) -> None:
        answer = tell(SCREEN, **headers)
        assert (answer.status, answer.raw["body"]) == (204, "")
        assert bus.published == []

    @pytest.mark.parametrize("headers", [{"sec_gpc": "0"}, {"dnt": "0"}, {"dnt": ""}])
    def test_who_does_not_mind_is(self, bus: Bus, headers: dict[str, str]) -> None:
        assert tell(SCREEN, **headers).status == 202
        assert len(bus.published) == 1

    @pytest.mark.parametrize(
        ("field", "event"),
        [
            ("events.0.name", {"name": "purchase", "at": at()}),
            ("events.0.name", {"at": at()}),
            ("events.0.at", {"name": "sign_in"}),
            ("events.0.at", {"name": "sign_in", "at": "yesterday"}),
            ("events.0.at", {"name": "sign_in", "at": "2026-11-23T09:15:00"}),
            ("events.0.at", {"name": "sign_in", "at": at(days=1, minutes=1)}),
            ("events.0.at", {"name": "sign_in", "at": at(minutes=-30)}),
            ("events.0.at", {"name": "sign_in", "at": 1_700_000_000}),
            ("events.0", {"name": "screen", "at": at()}),
            ("events.0", {"name": "error", "at": at()}),
            ("events.0.screen", {**SCREEN, "screen": "/links/my-secret"}),
            ("events.0.kind", {"name": "error", "at": at(), "kind": "Traceback"}),
            ("events.0.result", {"name": "sign_in", "at": at(), "result": "maybe"}),
            ("events.0.region", {**SCREEN, "region": "<script>"}),
            ("events.0.region", {**SCREEN, "region": "eu-" + "a" * 40 + "-1"}),
            ("events.0.milliseconds", {**SCREEN, "milliseconds": -1}),
            ("events.0.milliseconds", {**SCREEN, "milliseconds": 600_001}),
            ("events.0.milliseconds", {**SCREEN, "milliseconds": 1.5}),
            ("events.0.milliseconds", {**SCREEN, "milliseconds": "12"}),
            ("events.0.userId", {**SCREEN, "userId": "me"}),
        ],
    )
    def test_what_is_wrong_is_named_and_nothing_is_published(
        self, bus: Bus, field: str, event: dict[str, Any]
    ) -> None:
        answer = tell(event)
        assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
        assert {error["field"] for error in json.loads(answer.text)["errors"]} == {field}
        assert bus.published == []

    def test_one_wrong_event_spoils_the_batch(self, bus: Bus) -> None:
        answer = tell(SCREEN, {**SCREEN, "at": at(days=2)}, {**SCREEN, "at": at(hours=-1)})
        errors = json.loads(answer.text)["errors"]
        assert [error["field"] for error in errors] == ["events.1.at", "events.2.at"]
        assert bus.published == []

    @pytest.mark.parametrize(
        "body",
        [{}, {"events": []}, {"events": [SCREEN] * 26}, {"events": [SCREEN], "user": "me"}, [SCREEN], None],
    )
    def test_a_batch_has_a_form(self, bus: Bus, body: Any) -> None:
        assert post(body).status == 422
        assert bus.published == []

    def test_the_most_and_longest_events_fit(self, bus: Bus) -> None:
        longest = {
            "name": "link_restored",
            "at": at().replace("Z", "+00:00"),
            "screen": "not_found",
            "kind": "session_over",
            "result": "failed",
            "region": "ap-southeast-5",
            "milliseconds": 600_000,
        }
        assert tell(*[longest] * 25).status == 202
        (event,) = bus.published
        assert len(event["data"]["events"]) == 25

    def test_a_long_body_is_not_even_read(self, bus: Bus) -> None:
        answer = post(json.dumps({"events": [SCREEN]}) + " " * 16_384)
        assert (answer.status, json.loads(answer.text)["errors"][0]["field"]) == (422, "body")
        assert post("{" * 20_000).status == 422  # otherwise a 400
        assert bus.published == []

    @pytest.mark.parametrize(
        ("body", "content_type", "status"),
        [("{", "application/json", 400), ("events=1", "application/x-www-form-urlencoded", 415)],
    )
    def test_an_unreadable_body_is_refused(self, bus: Bus, body: str, content_type: str, status: int) -> None:
        assert post(body, content_type=content_type).status == status
        assert bus.published == []

    def test_a_bus_that_does_not_answer_is_no_fault_of_the_app(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EVENT_BUS_NAME", "hopcount-test")
        monkeypatch.setenv("AWS_ENDPOINT_URL_EVENTS", "http://127.0.0.1:9")
        answer = tell(SCREEN)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")

    def test_nor_is_one_that_refuses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        collector = UsageCollector(RefusingBus(), utc_now)
        monkeypatch.setattr(bootstrap, "usage_collector", lambda: collector)
        answer = tell(SCREEN)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")


def message(*used: Used, event_id: str | None = None) -> str:
    return app_used(used, NOW, event_id).to_json()


def metrics(text: str) -> dict[tuple[str, ...], list[float]]:
    """Return the values of every metric in a log, by its name and what it has beside service and stage."""
    found: dict[tuple[str, ...], list[float]] = {}
    for line in text.splitlines():
        if '"_aws"' not in line:
            continue
        document = json.loads(line)
        assert document["stage"] == "test"
        assert document["service"] == "web"
        (directive,) = document["_aws"]["CloudWatchMetrics"]
        (names,) = directive["Dimensions"]
        own = [document[name] for name in sorted(names) if name not in {"stage", "service"}]
        for metric in directive["Metrics"]:
            found.setdefault((metric["Name"], *own), []).extend(document[metric["Name"]])
    return found


def count(*bodies: str) -> list[str]:
    """Have messages counted; return those that come again, by their numbers."""
    answer = count_usage.handler(queue_event(*bodies), CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


class TestCountUsage:
    def test_each_kind_of_thing_is_a_metric(self, capsys: pytest.CaptureFixture[str]) -> None:
        failures = count(
            message(Used(NOW, "screen", screen="links", milliseconds=900), Used(NOW, "screen", screen="new")),
            message(
                Used(NOW, "screen", screen="links", milliseconds=1500),
                Used(NOW, "sign_in", result="failed", kind="invalid"),
                Used(NOW, "link_created"),
                Used(NOW, "error", kind="unexpected"),
            ),
        )
        assert failures == []
        assert metrics(capsys.readouterr().out) == {
            ("ScreenShown", "links"): [2],
            ("ScreenShown", "new"): [1],
            ("ActionTried", "sign_in", "failed"): [1],
            ("ActionTried", "link_created", "ok"): [1],
            ("AppError", "unexpected"): [1],
            ("AppMilliseconds", "screen"): [900, 1500],
            ("UsageCounted",): [6],
            ("AppUnexpectedError",): [1],
        }

    def test_each_is_of_the_hour_in_which_it_happened(self, capsys: pytest.CaptureFixture[str]) -> None:
        earlier = HOUR - timedelta(hours=7)
        count(message(Used(NOW, "sign_up"), Used(earlier, "sign_up"), Used(earlier, "sign_up")))
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ActionTried" in line]
        told = {line["_aws"]["Timestamp"]: line["ActionTried"] for line in lines}
        assert told == {int(HOUR.timestamp() * 1000): [1], int(earlier.timestamp() * 1000): [2]}

    def test_words_of_a_later_app_make_no_metrics(self, capsys: pytest.CaptureFixture[str]) -> None:
        later = json.loads(message(*[Used(NOW, "sign_in")] * 3))
        for event, words in zip(
            later["data"]["events"],
            ({"name": "screen", "screen": "billing"}, {"name": "error", "kind": "tired"}, {"name": "paid"}),
            strict=True,
        ):
            event.update(words)
        count(json.dumps(later))
        assert metrics(capsys.readouterr().out) == {
            ("ScreenShown", "other"): [1],
            ("AppError", "other"): [1],
            ("ActionTried", "other", "ok"): [1],
            ("UsageCounted",): [3],
        }

    def test_a_message_that_comes_twice_counts_once(self, capsys: pytest.CaptureFixture[str]) -> None:
        body = message(Used(NOW, "sign_in"), event_id="one")
        assert count(body, body) == []
        assert count(message(Used(NOW, "sign_up")), body) == []
        assert metrics(capsys.readouterr().out) == {
            ("ActionTried", "sign_in", "ok"): [1],
            ("ActionTried", "sign_up", "ok"): [1],
            ("UsageCounted",): [1, 1],
            ("UsageRepeated",): [1, 1],
        }

    def test_two_people_who_do_the_same_count_as_two(self, capsys: pytest.CaptureFixture[str]) -> None:
        count(message(Used(NOW, "sign_in")), message(Used(NOW, "sign_in")))
        assert metrics(capsys.readouterr().out)["ActionTried", "sign_in", "ok"] == [2]

    def test_what_nobody_understands_comes_again_and_the_rest_counts(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        good = message(Used(NOW, "sign_in"))
        bad = [
            "not JSON",
            json.dumps({**json.loads(good), "version": 2}),
            json.dumps({**json.loads(good), "source": "hopcount.links"}),
            json.dumps({**json.loads(good), "data": {"events": [{"hour": "now", "name": "sign_in"}]}}),
        ]
        assert count(bad[0], good, *bad[1:]) == ["m0", "m2", "m3", "m4"]
        told = capsys.readouterr().out
        assert metrics(told)["ActionTried", "sign_in", "ok"] == [1]
        assert "not JSON" not in told

    def test_many_durations_are_all_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        used = [Used(NOW, "sign_in", milliseconds=number) for number in range(25)]
        count(*(message(*used) for _ in range(8)))
        told = metrics(capsys.readouterr().out)
        assert sorted(told["AppMilliseconds", "sign_in"]) == sorted(8 * [*range(25)])

    def test_a_sandbox_forgets_the_oldest_first(self) -> None:
        counter = UsageCounter(remembered=2)
        first, second, third = (message(Used(NOW, "sign_in"), event_id=name) for name in "abc")
        assert counter.count({"1": first, "2": second, "3": third}).events == 3
        assert counter.count({"1": second, "2": third}).repeated == 2
        assert counter.count({"1": first}).repeated == 0
