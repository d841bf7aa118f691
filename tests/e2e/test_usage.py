"""What the app tells of its use, from the front door to the operators' metrics; and what never gets there."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.people import open_http, problem
from tests.support.poll import until
from tests.support.stack import STAGE, Stack

Event = dict[str, Any]
NOW = datetime.now(UTC)
THEN = NOW - timedelta(hours=5)
"""An hour of which nobody else tells anything, so that what is counted of it was told here."""

SCREEN: Event = {"name": "screen", "screen": "forgot", "milliseconds": 1234}
FAILED: Event = {"name": "link_restored", "result": "failed"}
ERROR: Event = {"name": "error", "kind": "session_over"}


def told(event: Event, at: datetime = THEN) -> Event:
    return {**event, "at": at.isoformat()}


@pytest.fixture(scope="module")
def app(stack: Stack) -> httpx.Client:
    """The web app, which tells without saying who it is."""
    return open_http(stack.base_url)


class Metrics:
    """What operators see of an hour."""

    def __init__(self, stack: Stack) -> None:
        self._cloudwatch = stack.client("cloudwatch")

    def of(self, name: str, dimensions: Mapping[str, str], moment: datetime = THEN) -> dict[str, Any]:
        hour = moment.replace(minute=0, second=0, microsecond=0)
        own = {"service": "web", "stage": STAGE, **dimensions}
        points = self._cloudwatch.get_metric_statistics(
            Namespace="Hopcount",
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in own.items()],
            StartTime=hour,
            EndTime=hour + timedelta(hours=1),
            Period=3600,
            Statistics=["Sum", "Maximum"],
        )["Datapoints"]
        return dict(points[0]) if points else {"Sum": 0.0}

    def sum(self, name: str, dimensions: Mapping[str, str], moment: datetime = THEN) -> int:
        return int(self.of(name, dimensions, moment)["Sum"])

    def restored(self) -> int:
        return self.sum("ActionTried", {"name": "link_restored", "result": "failed"})


@pytest.fixture(scope="module")
def metrics(stack: Stack) -> Metrics:
    return Metrics(stack)


def one_more(read: Callable[[], int], before: int) -> None:
    """Wait until something was counted once more; more than once fails the test."""
    assert until(read, lambda number: number > before, seconds=60) == before + 1


def test_what_is_told_is_seen_in_the_hour_in_which_it_happened(app: httpx.Client, metrics: Metrics) -> None:
    earlier = THEN - timedelta(hours=7)

    def screens() -> int:
        return metrics.sum("ScreenShown", {"screen": "forgot"})

    def errors() -> int:
        return metrics.sum("AppError", {"kind": "session_over"}, earlier)

    before, errors_before, failed_before = screens(), errors(), metrics.restored()
    answer = app.post("/events", json={"events": [told(SCREEN), told(ERROR, earlier), told(FAILED)]})
    assert (answer.status_code, answer.content) == (202, b"")
    assert "set-cookie" not in answer.headers
    one_more(screens, before)
    one_more(errors, errors_before)
    one_more(metrics.restored, failed_before)
    assert metrics.of("AppMilliseconds", {"name": "screen"})["Maximum"] >= 1234


def test_who_does_not_want_it_and_what_is_wrong_is_not_counted(app: httpx.Client, metrics: Metrics) -> None:
    before = metrics.restored()
    for header in ("Sec-GPC", "DNT"):
        answer = app.post("/events", json={"events": [told(FAILED)]}, headers={header: "1"})
        assert (answer.status_code, answer.content) == (204, b"")
    for spoilt in (
        {**told(FAILED), "userId": "me"},
        {**told(FAILED), "name": "purchase"},
        told(FAILED, NOW - timedelta(days=2)),
        told(FAILED, NOW + timedelta(hours=1)),
    ):
        problem(app.post("/events", json={"events": [told(FAILED), spoilt]}), 422, "invalid-input")
    problem(app.post("/events", json={"events": [told(FAILED)] * 26}), 422, "invalid-input")
    padded = json.dumps({"events": [told(FAILED)]}) + " " * 16_384
    long = app.post("/events", content=padded, headers={"Content-Type": "application/json"})
    problem(long, 422, "invalid-input")
    assert app.get("/events").status_code == 404
    # What is told after all that is counted, and nothing of it was.
    assert app.post("/events", json={"events": [told(FAILED)]}).status_code == 202
    one_more(metrics.restored, before)


def test_a_message_that_is_delivered_twice_counts_once(stack: Stack, metrics: Metrics) -> None:
    message = {
        "id": f"e2e-{datetime.now(UTC).timestamp()}",
        "type": "AppUsed",
        "version": 1,
        "source": "hopcount.web",
        "time": THEN.isoformat(),
        "correlationId": None,
        "data": {"events": [{"hour": THEN.replace(minute=0).isoformat(), **FAILED}]},
    }
    records = [{"messageId": str(n), "body": json.dumps(message)} for n in range(2)]
    before = metrics.restored()
    answer = stack.client("lambda").invoke(
        FunctionName=f"hopcount-web-{STAGE}-count-usage", Payload=json.dumps({"Records": records})
    )
    assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
    one_more(metrics.restored, before)


def test_no_archive_keeps_it(stack: Stack) -> None:
    pattern = stack.client("events").describe_archive(ArchiveName=f"hopcount-{STAGE}")["EventPattern"]
    assert "hopcount.web" not in pattern
    assert "hopcount.links" in pattern
