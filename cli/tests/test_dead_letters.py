import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cli.tests.support import World, envelope

from hopcount_cli.ops.tools import aws_client


def bus_entry(event: dict[str, Any]) -> str:
    """What a rule leaves in its dead-letter queue."""
    return json.dumps(
        {"version": "0", "detail-type": "LinkClicked.v1", "source": "hopcount.redirect", "detail": event}
    )


def in_flight(world: World, queue: str) -> int:
    names = ["ApproximateNumberOfMessagesNotVisible"]
    answer = world.sqs.get_queue_attributes(QueueUrl=world.urls[queue], AttributeNames=names)
    return int(answer["Attributes"][names[0]])


def test_dead_letters_go_back_to_the_click_queue(world: World) -> None:
    clicks = [envelope(world.click("docs")) for _ in range(25)]
    world.put("click-dlq", *(json.dumps(click) for click in clicks[:23]))
    world.put("click-rule-dlq", json.dumps(clicks[23]), bus_entry(clicks[24]))
    result = world.run("replay", "--dlq")
    assert result.exit_code == 0, result.output
    assert "clicks-dlq: 23 moved to clicks, 0 could not be sent" in result.stdout
    assert "clicks-rule-dlq: 2 moved to clicks, 0 could not be sent" in result.stdout
    assert sorted(json.loads(body)["id"] for body in world.bodies("click-queue")) == sorted(
        c["id"] for c in clicks
    )
    assert world.bodies("click-dlq") == world.bodies("click-rule-dlq") == []
    again = world.run("replay", "--dlq")
    assert "clicks-dlq: 0 moved" in again.stdout


def test_what_cannot_be_read_goes_back_as_it_is(world: World) -> None:
    world.put("click-dlq", "not json", '{"detail": 1}', '["detail-type"]')
    assert world.run("replay", "--dlq").exit_code == 0
    assert sorted(world.bodies("click-queue")) == ['["detail-type"]', "not json", '{"detail": 1}']


class Refusing:
    """An SQS that refuses some messages, some times."""

    def __init__(self, real: Any, bodies: dict[str, int]) -> None:
        self._real = real
        self._left = bodies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> Any:  # noqa: N803
        refused = [entry for entry in Entries if self._left.get(entry["MessageBody"], 0)]
        for entry in refused:
            self._left[entry["MessageBody"]] -= 1
        taken = [entry for entry in Entries if entry not in refused]
        answer = self._real.send_message_batch(QueueUrl=QueueUrl, Entries=taken) if taken else {}
        failed = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in refused]
        return {**answer, "Failed": failed}


def test_only_what_was_refused_is_sent_again(world: World) -> None:
    world.clients["sqs"] = Refusing(world.sqs, {"b": 2})
    world.put("click-dlq", "a", "b", "c")
    result = world.run("replay", "--dlq")
    assert (result.exit_code, sorted(world.bodies("click-queue"))) == (0, ["a", "b", "c"])


def test_what_cannot_be_sent_stays(world: World) -> None:
    world.clients["sqs"] = Refusing(world.sqs, {"b": 1000})
    world.put("click-dlq", "a", "b", "c")
    result = world.run("replay", "--dlq")
    assert result.exit_code == 1
    assert "clicks-dlq: 2 moved to clicks, 1 could not be sent" in result.stdout
    assert sorted(world.bodies("click-queue")) == ["a", "c"]
    assert world.bodies("click-dlq") == ["b"]


class Echoing:
    """An engine that refuses at once whatever it is sent: it is a dead letter again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._real = world.sqs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def send_message_batch(self, **request: Any) -> Any:
        answer = self._real.send_message_batch(**request)
        self._world.put("click-dlq", *self._world.bodies("click-queue"))
        return answer


def test_what_is_refused_again_does_not_circle(world: World) -> None:
    world.put("click-dlq", *(f"bad {n}" for n in range(30)))
    world.clients["sqs"] = Echoing(world)
    result = world.run("replay", "--dlq")
    assert result.exit_code == 0, result.output
    assert in_flight(world, "click-dlq") == 0
    assert sorted(set(world.bodies("click-dlq"))) == sorted(f"bad {n}" for n in range(30))


def test_an_interruption_loses_nothing(world: World) -> None:
    def interrupt(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteMessageBatch")

    world.put("click-dlq", "a", "b")
    world.clients["sqs"] = aws_client("sqs")
    world.clients["sqs"].meta.events.register("before-call.sqs.DeleteMessageBatch", interrupt)
    result = world.run("replay", "--dlq")
    assert result.exit_code == 2
    assert "AWS refused DeleteMessageBatch" in result.stderr
    assert sorted(world.bodies("click-queue")) == ["a", "b"]


class TestDryRun:
    @pytest.fixture
    def result(self, world: World) -> str:
        good, old = envelope(world.click("docs")), envelope(world.click("docs", days_ago=121))
        later = {**good, "version": 99}
        world.put("click-dlq", json.dumps(good), json.dumps(old), json.dumps(later), "not json")
        world.put("click-rule-dlq", bus_entry(good), bus_entry(old))
        result = world.run("replay", "--dlq", "--dry-run")
        assert result.exit_code == 0, result.output
        return result.stdout

    def test_it_says_what_the_letters_are(self, result: str) -> None:
        assert "clicks-dlq: 4 would be moved: 1 countable, 1 too old, 2 unreadable" in result
        assert "clicks-rule-dlq: 2 would be moved: 1 countable, 1 too old, 0 unreadable" in result

    def test_it_changes_nothing(self, world: World, result: str) -> None:
        assert in_flight(world, "click-dlq") == in_flight(world, "click-rule-dlq") == 0
        assert len(world.bodies("click-dlq")) == 4
        assert len(world.bodies("click-rule-dlq")) == 2
        assert world.bodies("click-queue") == []
