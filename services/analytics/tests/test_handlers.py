import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from services.analytics.tests.support import (
    TABLES,
    DynamoWorld,
    body,
    counts_of,
    dynamo_world,
    make_click,
    message,
)

from analytics import bootstrap
from analytics.handlers import consume_clicks, get_link_stats
from hopcount_shared.aws import client
from hopcount_shared.times import utc_now


@dataclass
class Context:
    """What Lambda tells a function about itself."""

    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id: str = "request"
    remaining_ms: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoWorld]:
    for name, table in TABLES.items():
        monkeypatch.setenv(name, table)
    monkeypatch.setenv("CLICK_HORIZON_DAYS", "120")
    forget_what_was_wired()
    with dynamo_world() as world:
        monkeypatch.setenv("CLICK_QUEUE_URL", client("sqs").create_queue(QueueName="clicks")["QueueUrl"])
        world.add_link("docs")
        yield world
    forget_what_was_wired()


def forget_what_was_wired() -> None:
    for wired in (bootstrap.click_consumer, bootstrap.click_queue, bootstrap.statistics_service):
        wired.cache_clear()


def sqs_event(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{n}",
                "receiptHandle": f"handle-of-m{n}",
                "body": text,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1772368200000",
                    "SenderId": "AIDA...",
                    "ApproximateFirstReceiveTimestamp": "1772368200010",
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:hopcount-test-clicks",
                "awsRegion": "us-east-1",
            }
            for n, text in enumerate(bodies)
        ]
    }


def consume(*bodies: str, context: Context | None = None) -> list[str]:
    """Run the consumer, and return the messages that go back to the queue."""
    answer = consume_clicks.handler(sqs_event(*bodies), context or Context())  # type: ignore[arg-type]  # a stand-in
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def metrics(output: str) -> dict[str, float]:
    """Return the metrics that a function wrote to its log."""
    found: dict[str, float] = {}
    for line in output.splitlines():
        entry = json.loads(line)
        for directive in entry.get("_aws", {}).get("CloudWatchMetrics", []):
            for metric in directive["Metrics"]:
                found[metric["Name"]] = sum(entry[metric["Name"]])
    return found


class TestConsumeClicks:
    def test_clicks_are_counted_and_acknowledged(self, world: DynamoWorld) -> None:
        clicks = [make_click(n, occurred_at=utc_now()) for n in range(3)]
        assert consume(*map(body, clicks)) == []
        assert world.counts() == counts_of(set(clicks))

    def test_only_what_cannot_be_counted_goes_back(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        now = utc_now()
        click, again = make_click(0, occurred_at=now), make_click(1, occurred_at=now)
        rejected = [
            "not json",
            json.dumps(message(make_click(2), version=9)),
            body(make_click(3, short_code="nope", occurred_at=now)),
            body(make_click(4, occurred_at=now - timedelta(days=121))),
            body(make_click(5, occurred_at=now + timedelta(minutes=10))),
        ]
        assert consume(body(click), *rejected, body(again), body(click)) == ["m1", "m2", "m3", "m4", "m5"]
        assert world.counts() == counts_of({click, again})
        counted = metrics_of(capsys)
        assert counted == {"ClickCounted": 2, "ClickRejected": 5, "ClickDuplicate": 1}

    def test_what_is_rejected_is_given_up_and_what_was_only_late_is_not(
        self, world: DynamoWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given_up: list[str] = []
        monkeypatch.setattr(bootstrap.click_queue(), "give_up", given_up.extend)
        good = body(make_click(occurred_at=utc_now()))
        assert consume(good, "not json", "{}") == ["m1", "m2"]
        assert given_up == ["handle-of-m1", "handle-of-m2"]
        given_up.clear()
        assert consume(good, context=Context(remaining_ms=1000)) == ["m0"]
        assert given_up == []

    def test_a_batch_delivered_again_changes_nothing(self, world: DynamoWorld) -> None:
        clicks = [make_click(n, occurred_at=utc_now()) for n in range(4)]
        for _ in range(3):
            assert consume(*map(body, clicks), body(clicks[0])) == []
        assert world.counts() == counts_of(set(clicks))

    def test_without_time_everything_goes_back_uncounted(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        clicks = [make_click(n, occurred_at=utc_now()) for n in range(2)]
        assert consume(*map(body, clicks), context=Context(remaining_ms=1000)) == ["m0", "m1"]
        assert world.counts() == counts_of(set())
        assert metrics_of(capsys) == {"ClickPostponed": 2}

    def test_nothing_about_the_visitor_is_logged(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        click = make_click(occurred_at=utc_now())
        event = message(click, data={"userAgent": "secret-agent", "country": "secret-land"})
        broken = {**event, "data": {**event["data"], "sequence": "secret-number"}}
        consume(json.dumps(event), json.dumps(broken), json.dumps({**event, "type": "secret-type"}))
        assert "secret" not in "".join(capsys.readouterr())


def metrics_of(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    return metrics("\n".join(line for line in capsys.readouterr().out.splitlines() if line.startswith("{")))


def get(short_code: str, user: str | None = "ann", query: str = "", **claims: Any) -> tuple[int, Any]:
    """Call `GET /stats/{id}` as the gateway does."""
    pairs = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    authorizer = {"jwt": {"claims": {"sub": user, "token_use": "access", **claims}, "scopes": None}}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "GET /stats/{id}",
        "rawPath": f"/stats/{short_code}",
        "rawQueryString": query,
        "headers": {"accept": "application/json", "authorization": "Bearer secret"},
        "pathParameters": {"id": short_code},
        "requestContext": {
            "http": {"method": "GET", "path": f"/stats/{short_code}", "sourceIp": "192.0.2.1"},
            "requestId": "r1",
            "stage": "$default",
            **({"authorizer": authorizer} if user else {}),
        },
        "isBase64Encoded": False,
    }
    if pairs:
        event["queryStringParameters"] = pairs
    answer = get_link_stats.handler(event, Context())  # type: ignore[arg-type]  # a stand-in
    return answer["statusCode"], json.loads(answer["body"])


class TestGetLinkStats:
    def test_an_owner_sees_every_day_and_the_sums(self, world: DynamoWorld) -> None:
        now = utc_now()
        consume(*(body(make_click(n, occurred_at=now - timedelta(days=n % 2))) for n in range(5)))
        status, stats = get("docs")
        assert status == 200
        assert list(stats) == [
            "id",
            "from",
            "to",
            "clicks",
            "botClicks",
            "totalClicks",
            "totalBotClicks",
            "series",
            "breakdowns",
        ]
        assert (stats["id"], stats["to"], stats["breakdowns"]) == ("docs", now.date().isoformat(), {})
        assert (stats["clicks"], stats["botClicks"], stats["totalClicks"], stats["totalBotClicks"]) == (
            5,
            0,
            5,
            0,
        )
        assert len(stats["series"]) == 30
        assert stats["series"][-2:] == [
            {"date": (now.date() - timedelta(days=1)).isoformat(), "clicks": 2, "botClicks": 0},
            {"date": now.date().isoformat(), "clicks": 3, "botClicks": 0},
        ]
        assert {day["clicks"] for day in stats["series"][:-2]} == {0}

    def test_a_range_leaves_the_totals_of_all_time_alone(self, world: DynamoWorld) -> None:
        consume(body(make_click(occurred_at=utc_now())))
        _, stats = get("docs", query="from=2024-02-28&to=2024-03-01")
        assert [day["date"] for day in stats["series"]] == ["2024-02-28", "2024-02-29", "2024-03-01"]
        assert (stats["from"], stats["to"]) == ("2024-02-28", "2024-03-01")
        assert (stats["clicks"], stats["totalClicks"]) == (0, 1)

    def test_an_id_token_will_do_too(self, world: DynamoWorld) -> None:
        assert get("docs", token_use="id")[0] == 200

    @pytest.mark.parametrize("short_code", ["nope", "deleted", "trash", "d", "x" * 65, "%2e%2e"])
    def test_missing_deleted_and_impossible_links_answer_alike(
        self, world: DynamoWorld, short_code: str
    ) -> None:
        world.add_link("deleted", deletedAt={"S": "2026-02-01T00:00:00.000000Z"})
        world.add_link("trash", userId={"S": "deleted#ann"})
        assert get(short_code) == get("docs", user="bob")
        assert get(short_code)[0] == 404

    @pytest.mark.parametrize("short_code", ["a\x00b", "a\r\nb", "a/b", "\ufffd" * 3])
    def test_what_is_no_code_is_not_found(self, world: DynamoWorld, short_code: str) -> None:
        assert get(short_code)[0] == 404

    def test_wrong_days_are_named(self, world: DynamoWorld) -> None:
        status, problem = get("docs", query="from=yesterday&to=2024-02-30")
        assert (status, problem["type"]) == (422, "urn:hopcount:problem:invalid-input")
        assert [error["field"] for error in problem["errors"]] == ["to", "from"]

    def test_nobody_is_not_signed_in(self, world: DynamoWorld) -> None:
        assert get("docs", user=None)[0] == 401
        assert get("docs", token_use="refresh")[0] == 401

    def test_no_token_or_address_is_logged(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        get("docs")
        output = "".join(capsys.readouterr())
        assert "secret" not in output
        assert "192.0.2.1" not in output
