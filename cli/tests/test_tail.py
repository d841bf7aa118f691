"""Clicks are printed as they happen, and nothing of the listening stays behind."""

import json
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cli.tests.support import World, envelope

from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.listener import Listener
from hopcount_cli.ops.tools import aws_client

MACHINE = "curl/8.5 \x1b[31mred"


def ours(world: World) -> tuple[list[str], list[str]]:
    """Return the rules and queues that tails have made."""
    rules = world.events.list_rules(EventBusName="bus", NamePrefix="hopcount-test-tail-")["Rules"]
    urls = world.sqs.list_queues(QueueNamePrefix="hopcount-test-tail-").get("QueueUrls", [])
    return [rule["Name"] for rule in rules], [url.rsplit("/", 1)[-1] for url in urls]


def arrive(world: World, *events: dict[str, Any] | str) -> Callable[[], None]:
    """Let events reach the queue, as the rule would."""

    def send() -> None:
        (url,) = world.sqs.list_queues(QueueNamePrefix="hopcount-test-tail-")["QueueUrls"]
        for event in events:
            body = event if isinstance(event, str) else json.dumps(event)
            world.sqs.send_message(QueueUrl=url, MessageBody=body)

    return send


def interrupt() -> None:
    raise KeyboardInterrupt


def clicked(world: World, code: str = "docs", agent: str | None = None, **changes: Any) -> dict[str, Any]:
    event = envelope(world.click(code))
    if agent is not None:
        event["data"]["userAgent"] = agent
    return {**event, **changes}


def test_people_and_machines_are_told_apart_in_the_order_of_time(world: World) -> None:
    first = clicked(world)
    world.now += timedelta(seconds=1)
    world.on_wait = [arrive(world, clicked(world, "blog", MACHINE), first), interrupt]
    result = world.run("tail")
    assert result.exit_code == 130, result.output
    person, machine = result.stdout.splitlines()
    assert "docs         person  CH      desktop Firefox Linux de, from direct" in person
    assert "blog         machine CH      curl/8.5 ?[31mred" in machine
    assert ours(world) == ([], [])


def test_json_is_a_line_for_each_click(world: World) -> None:
    event = clicked(world)
    world.on_wait = [arrive(world, event)]
    result = world.run("tail", "--json", "--count", "1")
    assert result.exit_code == 0, result.output
    (line,) = map(json.loads, result.stdout.splitlines())
    assert line == {
        "time": event["time"],
        "id": event["id"],
        "code": "docs",
        "kind": "person",
        "country": "CH",
        "device": "desktop",
        "browser": "Firefox",
        "os": "Linux",
        "referrer": "direct",
        "language": "de",
        "userAgent": event["data"]["userAgent"],
    }


def test_the_rule_asks_for_one_link_alone_and_the_queue_hears_that_rule_alone(world: World) -> None:
    seen: dict[str, Any] = {}

    def look() -> None:
        (name,), (queue,) = ours(world)
        assert name == queue
        rule = world.events.describe_rule(Name=name, EventBusName="bus")
        seen["pattern"], arn = json.loads(rule["EventPattern"]), rule["Arn"]
        (target,) = world.events.list_targets_by_rule(Rule=name, EventBusName="bus")["Targets"]
        url = world.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        found = world.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        (statement,) = json.loads(found["Policy"])["Statement"]
        assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": arn}}
        assert statement["Resource"] == target["Arn"] == found["QueueArn"]
        assert target["InputPath"] == "$.detail"
        assert found["MessageRetentionPeriod"] == "300"
        interrupt()

    world.on_wait = [look]
    assert world.run("tail", "--link", "docs").exit_code == 130
    assert seen["pattern"] == {
        "source": ["hopcount.redirect"],
        "detail-type": [{"prefix": "LinkClicked."}],
        "detail": {"data": {"shortCode": ["docs"]}},
    }


def test_an_event_that_cannot_be_read_does_not_end_it(world: World) -> None:
    world.on_wait = [arrive(world, "{}", clicked(world))]
    result = world.run("tail", "--count", "1")
    assert result.exit_code == 0
    assert "an event that the engine would refuse: malformed" in result.stderr
    assert "docs" in result.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_it_leaves_nothing_behind(world: World, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    world.on_wait = [lambda: signal.raise_signal(number)]
    assert world.run("tail").exit_code == 128 + number
    assert ours(world) == ([], [])
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("call", ["create_queue", "set_queue_attributes", "put_targets"])
def test_what_fails_half_way_leaves_nothing_behind(
    world: World, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, call)

    service = "events" if call == "put_targets" else "sqs"
    world.clients[service] = aws_client(service)
    monkeypatch.setattr(world.clients[service], call, refuse)
    result = world.run("tail")
    assert result.exit_code == 2
    assert f"AWS refused {call}" in result.stderr
    assert ours(world) == ([], [])


def leave_behind(world: World) -> str:
    """Die while listening."""
    listener = Listener(world.tools, deployment(world), {"source": ["hopcount.redirect"]})
    listener.__enter__()
    (name,), _ = ours(world)
    return name


def deployment(world: World) -> Deployment:
    return Deployment.find(world.client("ssm"), "test")


def test_what_was_left_behind_goes_after_a_day(world: World) -> None:
    left = leave_behind(world)
    world.on_wait = [interrupt]
    assert world.run("tail").exit_code == 130
    assert ours(world) == ([left], [left]), "it may be somebody's who listens now"
    world.now += timedelta(days=1, seconds=1)
    world.on_wait = [interrupt]
    result = world.run("tail")
    assert f"Removed the rule {left}" in result.stderr
    assert f"Removed the queue {left}" in result.stderr
    assert ours(world) == ([], [])


def test_others_rules_and_queues_of_such_a_name_are_left_alone(world: World) -> None:
    name = "hopcount-test-tail-clicks"
    world.sqs.create_queue(QueueName=name)
    world.events.put_rule(Name=name, EventBusName="bus", EventPattern='{"source": ["x"]}')
    world.now += timedelta(days=3)
    world.on_wait = [interrupt]
    world.run("tail")
    assert ours(world) == ([name], [name])


def test_clicks_that_do_not_take_the_bus_cannot_be_heard(world: World) -> None:
    world.export({"redirect/click-transport": "queue"})
    result = world.run("tail")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "clicks of stage 'test' go straight to their queue" in result.stderr
    assert ours(world) == ([], [])
