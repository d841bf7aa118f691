"""From a batch of the queue to the counters, through both functions as Lambda calls them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from services.analytics.tests.support import (
    BOT,
    TABLES,
    DynamoWorld,
    body,
    dynamo_world,
    erasure_body,
    make_click,
    message,
    truth_of,
)

from analytics import bootstrap
from analytics.handlers import consume_clicks, fold_counts
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
    settings = {
        **TABLES,
        "CLICK_HORIZON_DAYS": "120",
        "CLICKS_PROVABLE_SINCE": "1970-01-01T00:00:00Z",
        "COUNTING_SHARDS": "2",
        "FOLD_DELAY_SECONDS": "0",
        "FOLD_LEASE_SECONDS": "25",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    forget_what_was_wired()
    with dynamo_world() as world:
        sqs = client("sqs")
        for name in ("CLICK_QUEUE_URL", "FOLD_QUEUE_URL"):
            monkeypatch.setenv(name, sqs.create_queue(QueueName=name)["QueueUrl"])
        world.add_link("docs")
        yield world
    forget_what_was_wired()


def forget_what_was_wired() -> None:
    for wired in (bootstrap.click_consumer, bootstrap.click_queue, bootstrap.fold_service):
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


def fold(context: Context | None = None) -> None:
    fold_counts.handler({"source": "aws.events"}, context or Context())  # type: ignore[arg-type]  # a stand-in


def metrics_of(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """Return the metrics that functions wrote to their log since the last look."""
    found: dict[str, float] = {}
    for line in capsys.readouterr().out.splitlines():
        entry = json.loads(line)
        for directive in entry.get("_aws", {}).get("CloudWatchMetrics", []):
            for metric in directive["Metrics"]:
                found[metric["Name"]] = sum(entry[metric["Name"]])
    return found


def wake_ups(world: DynamoWorld) -> int:
    queue = bootstrap.load_settings(bootstrap.ConsumerSettings).fold_queue_url
    answer = client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


class TestConsumeAndFold:
    def test_clicks_are_acknowledged_and_counted(self, world: DynamoWorld) -> None:
        now = utc_now()
        clicks = [make_click(n, occurred_at=now, visitor=BOT) for n in range(3)]
        assert consume(*map(body, clicks)) == []
        assert wake_ups(world) == 1
        fold()
        assert world.counted().links == truth_of(clicks).links == {"docs": {"botClicks": 3}}

    def test_people_are_counted_by_hour_and_by_what_they_are(self, world: DynamoWorld) -> None:
        click = make_click(0, occurred_at=utc_now())
        consume(body(click))
        fold()
        counted = world.counted()
        assert counted.users == {"ann": {"totalClicks": 1}}
        (numbers,) = counted.days.values()
        assert numbers["clicks"] == numbers[f"h{click.occurred_at.hour:02}"] == 1
        assert numbers["w:Firefox"] == numbers["o:Linux"] == numbers["c:CH"] == numbers["l:de"] == 1

    def test_a_batch_delivered_again_changes_nothing(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        clicks = [make_click(n, occurred_at=utc_now()) for n in range(4)]
        for _ in range(3):
            assert consume(*map(body, clicks), body(clicks[0])) == []
            fold()
        assert world.counted().links == {"docs": {"clicks": 4}}
        assert wake_ups(world) == 1

    def test_only_what_cannot_be_counted_goes_back(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        now = utc_now()
        click, again = make_click(0, occurred_at=now), make_click(1, occurred_at=now)
        refused = [
            "not json",
            json.dumps(message(make_click(2), version=9)),
            body(make_click(4, occurred_at=now - timedelta(days=121))),
            body(make_click(5, occurred_at=now + timedelta(minutes=10))),
        ]
        returned = consume(body(click), *refused, body(again), body(click))
        assert sorted(returned) == ["m1", "m2", "m3", "m4"]
        assert metrics_of(capsys) == {
            "ClickJournalled": 2,
            "ClickDuplicate": 1,
            "ClickMalformed": 3,
            "ClickTooOld": 1,
        }

    def test_what_is_refused_is_given_up_and_what_was_only_late_is_not(
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

    def test_without_time_everything_goes_back_uncounted(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        clicks = [make_click(n, occurred_at=utc_now()) for n in range(2)]
        assert consume(*map(body, clicks), context=Context(remaining_ms=1000)) == ["m0", "m1"]
        assert world.claimed() == set()
        assert metrics_of(capsys) == {"ClickPostponed": 2}

    def test_a_click_of_no_link_is_dropped_and_said_so(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        consume(body(make_click(0, short_code="nope", occurred_at=utc_now())))
        fold()
        assert metrics_of(capsys)["ClickDropped"] == 1
        assert world.counted() == truth_of([])

    def test_an_erased_link_has_no_statistics_any_more(self, world: DynamoWorld) -> None:
        now = utc_now()
        consume(body(make_click(0, occurred_at=now)))
        fold()
        consume(erasure_body("link", "docs"), body(make_click(1, occurred_at=now)))
        fold()
        consume(body(make_click(2, occurred_at=now)))
        fold()
        assert (world.counted().links, world.counted().days) == ({}, {})

    def test_nothing_about_the_visitor_is_logged(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        click = make_click(occurred_at=utc_now())
        event = message(click, data={"userAgent": "secret-agent", "country": "secret-land"})
        broken = {**event, "data": {**event["data"], "sequence": "secret-number"}}
        consume(json.dumps(event), json.dumps(broken), json.dumps({**event, "type": "secret-type"}))
        fold()
        assert "secret" not in "".join(capsys.readouterr())


class TestFoldCounts:
    def test_every_run_says_how_old_the_oldest_entry_was(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        fold()
        assert metrics_of(capsys) == {"OldestPendingSeconds": 0}
        consume(body(make_click(occurred_at=utc_now())))
        fold()
        found = metrics_of(capsys)
        assert (found["FoldedEntries"], found["ClickJournalled"]) == (1, 1)
        assert found["OldestPendingSeconds"] > 0
        assert found["FoldMilliseconds"] > 0

    def test_entries_wait_until_they_are_old_enough(
        self, world: DynamoWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FOLD_DELAY_SECONDS", "60")
        consume(body(make_click(occurred_at=utc_now())))
        fold()
        assert world.counted().links == {}

    def test_a_ledger_of_another_time_stops_the_counting_and_is_reported(
        self, world: DynamoWorld, capsys: pytest.CaptureFixture[str]
    ) -> None:
        consume(body(make_click(0, occurred_at=utc_now())))
        fold()
        forget_the_last_epoch(world)
        consume(body(make_click(1, occurred_at=utc_now())))
        metrics_of(capsys)
        fold()
        assert metrics_of(capsys)["LedgerMismatch"] == 2, "each shard stops"
        assert world.counted().links == {"docs": {"clicks": 1}}


def forget_the_last_epoch(world: DynamoWorld) -> None:
    """Set the heads back, as a restored table would."""
    for head in world.rows("CLICK_LEDGER_TABLE"):
        if head["pk"]["S"] == "heads":
            older = {**head, "epoch": {"N": "0"}, "nonce": {"S": ""}}
            world.dynamodb.put_item(TableName=TABLES["CLICK_LEDGER_TABLE"], Item=older)
