"""What needs attention is said, whatever else is well."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cli.tests.support import ALARM_TOPIC, TABLES, World


def status_json(world: World) -> tuple[int, dict[str, Any]]:
    result = world.run("status", "--json")
    assert result.exit_code in {0, 1}, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == bool(report["attention"])
    return result.exit_code, report


def ring(world: World, name: str, topic: str = ALARM_TOPIC) -> None:
    """Make an alarm and let it ring."""
    cloudwatch = world.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription=f"Runbook: docs/runbooks/{name}.md",
        AlarmActions=[topic],
        Namespace="Hopcount",
        MetricName="LedgerMismatch",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Sum",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")


def grow_old(world: World, queue: str, seconds: int) -> None:
    world.client("cloudwatch").put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {
                "MetricName": "ApproximateAgeOfOldestMessage",
                "Dimensions": [{"Name": "QueueName", "Value": queue}],
                "Timestamp": world.now - timedelta(minutes=2),
                "Value": seconds,
            }
        ],
    )


def queue_of(report: dict[str, Any], name: str) -> dict[str, Any]:
    (queue,) = [queue for queue in report["queues"] if queue["name"] == name]
    found: dict[str, Any] = queue
    return found


def test_nothing_was_ever_counted_and_all_is_well(world: World) -> None:
    result = world.run("status")
    assert result.exit_code == 0, result.output
    assert f"All is well. Stage test, {world.now:%Y-%m-%dT%H:%M:%SZ}." in result.stdout
    assert "never" in result.stdout


def test_queues_and_the_last_fold_are_told(world: World) -> None:
    world.add_link("docs")
    world.count(world.click("docs"))
    folded_at = world.now
    world.now += timedelta(minutes=1)
    world.journal(world.click("docs"))
    world.put("click-queue", "a", "b", "c")
    world.sqs.receive_message(QueueUrl=world.urls["click-queue"], MaxNumberOfMessages=1)
    code, report = status_json(world)
    assert code == 0
    clicks = queue_of(report, "clicks")
    assert (clicks["visible"], clicks["inFlight"], clicks["delayed"]) == (2, 1, 0)
    assert clicks["oldestSeconds"] is None, "this CloudWatch does not know"
    assert [queue["name"] for queue in report["queues"]] == [
        "clicks",
        "folds",
        "link-events",
        "clicks-dlq",
        "clicks-rule-dlq",
        "link-events-dlq",
    ]
    (shard,) = report["shards"]
    assert (shard["shard"], shard["epoch"], shard["folded"]) == (0, 1, True)
    assert shard["lastFoldAt"].startswith(f"{folded_at:%Y-%m-%dT%H:%M:%S}")
    assert shard["oldestPendingAt"].startswith(f"{world.now:%Y-%m-%dT%H:%M:%S}")


def test_an_age_that_nobody_knows_is_said_to_be_unknown(world: World) -> None:
    world.put("link-events-queue", "a")
    assert "unknown" in world.run("status").stdout
    grow_old(world, "link-events", 90)
    assert "90 s" in world.run("status").stdout


def dead_letters(world: World) -> str:
    world.put("link-events-dlq", "a", "b")
    return "link-events-dlq holds 2 dead letters"


def old_messages(world: World) -> str:
    world.put("click-queue", "a")
    grow_old(world, "clicks", 1000)
    return "messages of clicks wait since 16 minutes"


def old_entries(world: World) -> str:
    world.add_link("docs")
    world.journal(world.click("docs"))
    world.now += timedelta(minutes=6)
    return "clicks of shard 0 are journalled since 6 minutes and not counted"


def an_open_epoch(world: World) -> str:
    world.add_link("docs")
    world.count(world.click("docs"))
    world.dynamodb.update_item(
        TableName="ClickLedger",
        Key={"pk": {"S": "heads"}, "sk": {"S": "0"}},
        UpdateExpression="SET folded = :no",
        ExpressionAttributeValues={":no": {"BOOL": False}},
    )
    world.now += timedelta(minutes=7)
    return "an epoch of shard 0 is open since 7 minutes"


def another_ledger(world: World) -> str:
    world.dynamodb.put_item(
        TableName=TABLES.days,
        Item={"shortCode": {"S": "#ledger"}, "date": {"S": "lost"}, "epoch": {"S": "7.x"}},
    )
    return "ledger and counters are not of the same time"


def a_paused_consumer(world: World) -> str:
    world.mapping.state = "Disabled"
    return "the click consumer is Disabled"


def an_alarm(world: World) -> str:
    ring(world, "hopcount-test-ledger-mismatch")
    return "alarm hopcount-test-ledger-mismatch"


@pytest.mark.parametrize(
    "trouble",
    [dead_letters, old_messages, old_entries, an_open_epoch, another_ledger, a_paused_consumer, an_alarm],
)
def test_what_needs_attention_is_said(world: World, trouble: Callable[[World], str]) -> None:
    expected = trouble(world)
    result = world.run("status")
    assert result.exit_code == 1, result.output
    assert f"! {expected}" in result.stdout
    assert "1 thing needs attention." in result.stdout
    _, report = status_json(world)
    assert [reason for reason in report["attention"] if reason.startswith(expected)] == report["attention"]


def test_an_alarm_is_told_with_its_runbook(world: World) -> None:
    ring(world, "hopcount-test-click-dead-letters")
    assert "docs/runbooks/hopcount-test-click-dead-letters.md" in world.run("status").stdout


def test_another_stages_alarm_is_not_ours(world: World) -> None:
    ring(world, "hopcount-test-2-ledger-mismatch", topic=f"{ALARM_TOPIC}-2")
    assert status_json(world)[1]["alarms"] == []


def test_watching_looks_again_until_it_is_interrupted(world: World) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    world.on_wait = [lambda: world.put("click-dlq", "a"), interrupt]
    result = world.run("status", "--watch", "--every", "2", "--json")
    assert result.exit_code == 130
    looks = [json.loads(line) for line in result.stdout.splitlines()]
    assert [queue_of(look, "clicks-dlq")["visible"] for look in looks] == [0, 1]


def test_how_often_needs_watching(world: World) -> None:
    result = world.run("status", "--every", "2")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--every needs --watch" in result.stderr
