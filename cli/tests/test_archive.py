import json
from datetime import timedelta
from typing import Any

import pytest
from cli.tests.support import World, envelope

from hopcount_cli.ops.tools import aws_client
from hopcount_shared.times import to_iso


@pytest.fixture
def started(world: World) -> list[dict[str, Any]]:
    """What replays were asked for."""
    requests: list[dict[str, Any]] = []
    world.clients["events"] = aws_client("events")
    world.clients["events"].meta.events.register(
        "provide-client-params.events.StartReplay", lambda params, **_: requests.append(params)
    )
    return requests


def test_a_window_is_replayed_to_the_rules_that_count_and_to_nobody_else(
    world: World, started: list[dict[str, Any]]
) -> None:
    since, until = world.now - timedelta(hours=2), world.now - timedelta(hours=1)
    result = world.run("replay", "--from", to_iso(since), "--to", to_iso(until))
    assert result.exit_code == 0, result.output
    (request,) = started
    assert request["Destination"] == {
        "Arn": "arn:aws:events:us-east-1:123456789012:event-bus/bus",
        "FilterArns": [
            world.parameters["analytics/click-rule-arn"],
            world.parameters["analytics/erasure-rule-arn"],
        ],
    }
    assert since - timedelta(seconds=2) < request["EventStartTime"] <= since - timedelta(seconds=1)
    assert until + timedelta(seconds=1) <= request["EventEndTime"] <= until + timedelta(seconds=2)
    assert "Replayed." in result.stdout


def test_a_replay_delivers(world: World) -> None:
    queue = world.sqs.get_queue_attributes(QueueUrl=world.urls["click-queue"], AttributeNames=["QueueArn"])
    target = {"Id": "queue", "Arn": queue["Attributes"]["QueueArn"], "InputPath": "$.detail"}
    world.events.put_targets(Rule="clicks", EventBusName="bus", Targets=[target])
    click = envelope(world.click("docs"))
    entry = {
        "EventBusName": "bus",
        "Source": "hopcount.redirect",
        "DetailType": "x",
        "Detail": json.dumps(click),
    }
    world.events.put_events(Entries=[entry])
    assert len(world.bodies("click-queue")) == 1
    assert world.run("replay", "--from", to_iso(world.now - timedelta(hours=1))).exit_code == 0
    assert len(world.bodies("click-queue")) == 1


def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    world: World, started: list[dict[str, Any]]
) -> None:
    result = world.run("replay", "--from", to_iso(world.now - timedelta(days=1)), "--dry-run")
    assert result.exit_code == 0
    assert "Would replay the archive archive" in result.stdout
    assert "rule   clicks" in result.stdout
    assert "rule   erasures" in result.stdout
    assert "about 0 events of every kind and of all times" in result.stdout
    assert started == []


def test_what_the_archive_no_longer_keeps_is_told(world: World, started: list[dict[str, Any]]) -> None:
    result = world.run("replay", "--from", to_iso(world.now - timedelta(days=91)))
    assert result.exit_code == 0
    assert "keeps 90 days" in result.stderr


def test_what_cannot_be_proved_is_refused(world: World, started: list[dict[str, Any]]) -> None:
    result = world.run("replay", "--from", to_iso(world.now - timedelta(days=121)))
    assert (result.exit_code, result.stdout, started) == (2, "", [])
    assert "refused" in result.stderr


class Replaying:
    """An EventBridge whose replays take a while."""

    def __init__(self, real: Any, *answers: Any) -> None:
        self._real = real
        self._answers = list(answers)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def describe_replay(self, **_: Any) -> Any:
        answer = self._answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def test_a_replay_is_watched_until_it_is_done(world: World) -> None:
    reached = {"State": "RUNNING", "EventLastReplayedTime": world.now - timedelta(minutes=30)}
    replaying = Replaying(world.events, {"State": "STARTING"}, reached, {"State": "COMPLETED"})
    world.clients["events"] = replaying
    result = world.run("replay", "--from", to_iso(world.now - timedelta(hours=1)))
    assert result.exit_code == 0, result.output
    assert replaying._answers == []


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_replay_that_fails_says_why(world: World, state: str) -> None:
    world.clients["events"] = Replaying(world.events, {"State": state, "StateReason": "the rule is gone"})
    result = world.run("replay", "--from", to_iso(world.now - timedelta(hours=1)))
    assert result.exit_code == 1
    assert f"is {state}: the rule is gone" in result.stderr
    assert "Replayed." not in result.stdout


def test_whoever_stops_watching_is_told_how_to_stop_the_replay(world: World) -> None:
    world.clients["events"] = Replaying(world.events, KeyboardInterrupt())
    result = world.run("replay", "--from", to_iso(world.now - timedelta(hours=1)))
    assert result.exit_code == 130
    assert "aws events cancel-replay --replay-name hopcount-" in result.stderr
