"""Each visitor is answered before the click is published, and no sandbox is left before it is."""

from collections.abc import Sequence

import pytest

from tests.runtime.function import Function, records, status, visit
from tests.support.aws_endpoint import AwsEndpoint, Call
from tests.support.runtime_api import Extensions, Invocation

VISITS = 60


def published(aws: AwsEndpoint, operation: str = "PutEvents") -> Sequence[Call]:
    return [call for call in aws.calls(operation) if call.fault is None]


def check_order(invocation: Invocation, publish: Call) -> None:
    assert invocation.answered_at is not None
    assert invocation.released_at is not None
    assert invocation.answered_at < publish.ended_at < invocation.released_at


def test_each_click_is_published_after_the_answer_and_before_the_sandbox_is_frozen(
    function: Function, aws: AwsEndpoint
) -> None:
    aws.latency["PutEvents"] = 0.03
    with function.sandbox(freeze=True) as sandbox:
        for number in range(1, VISITS + 1):
            invocation = sandbox.invoke(visit(f"code{number % 7}"))
            sandbox.wait_idle()
            assert status(invocation) == 301
            assert aws.count("PutEvents") == number
            check_order(invocation, published(aws)[-1])
        assert sandbox.extension_names == ["clicks"]
    assert sum(invocation.spawned_at is not None for invocation in sandbox.invocations) == 1
    assert not any(invocation.timed_out for invocation in sandbox.invocations)
    assert len({event["id"] for event in aws.events()}) == VISITS


def test_a_visitor_never_waits_for_a_bus_that_stalls(function: Function, aws: AwsEndpoint) -> None:
    with function.sandbox(freeze=True) as sandbox:
        sandbox.invoke(visit("abc1234"))
        sandbox.wait_idle()
        aws.latency["PutEvents"] = 2.0
        invocation = sandbox.invoke(visit("abc1234"))
        assert aws.count("PutEvents") == 1, "it has not even got an answer now"
        sandbox.wait_idle()
    assert status(invocation) == 301
    assert not invocation.timed_out
    [message] = published(aws, "SendMessage")
    check_order(invocation, message)


@pytest.mark.parametrize("extensions", [Extensions.REFUSED, Extensions.ABSENT])
def test_without_extensions_clicks_are_published_before_the_answer(
    function: Function, aws: AwsEndpoint, extensions: Extensions
) -> None:
    with function.sandbox(freeze=True, extensions=extensions) as sandbox:
        invocations = [sandbox.invoke(visit("abc1234")) for _ in range(5)]
        sandbox.wait_idle()
        assert sandbox.extension_names == []
        [refused] = records(sandbox, "extension not registered")
    assert [status(invocation) for invocation in invocations] == [301] * 5
    for invocation, publish in zip(invocations, published(aws), strict=True):
        assert invocation.answered_at is not None
        assert invocation.invoked_at < publish.begun_at < publish.ended_at < invocation.answered_at
    assert refused["status"] == {Extensions.REFUSED: 403, Extensions.ABSENT: 404}[extensions]


@pytest.mark.parametrize("fault", ["raise", "exit"])
def test_a_publish_that_blows_up_takes_nothing_with_it(
    function: Function, aws: AwsEndpoint, fault: str
) -> None:
    with function.sandbox(handler="faulty_redirect.handler", freeze=True) as sandbox:
        faults = [sandbox.invoke(visit("abc1234", x_fault=fault)) for _ in range(2)]
        assert aws.count("PutEvents") == 0
        invocations = [sandbox.invoke(visit("abc1234")) for _ in range(3)]
        sandbox.wait_idle()
    assert [status(invocation) for invocation in [*faults, *invocations]] == [301] * 5
    assert all(invocation.over and not invocation.timed_out for invocation in sandbox.invocations)
    for invocation, publish in zip(invocations, published(aws), strict=True):
        check_order(invocation, publish)


def test_a_dead_thread_is_replaced(function: Function, aws: AwsEndpoint) -> None:
    with function.sandbox(handler="faulty_redirect.handler", freeze=True) as sandbox:
        for fault in ("none", "thread", "none", "thread", "none"):
            assert status(sandbox.invoke(visit("abc1234", x_fault=fault))) == 301
        sandbox.wait_idle()
    assert all(invocation.over and not invocation.timed_out for invocation in sandbox.invocations)
    assert sum(invocation.spawned_at is not None for invocation in sandbox.invocations) == 1
    assert len({event["id"] for event in aws.events()}) == aws.count("PutEvents") == 5


@pytest.mark.parametrize("timeout", [1.5, 6.0])
def test_who_publishes_gives_up_before_the_functions_timeout(
    function: Function, aws: AwsEndpoint, timeout: float
) -> None:
    aws.latency.update(PutEvents=30.0, SendMessage=30.0)
    with function.sandbox(timeout=timeout, freeze=True) as sandbox:
        first, second = sandbox.invoke(visit("abc1234")), sandbox.invoke(visit("abc1234"))
        sandbox.wait_idle()
        lost = records(sandbox, "click not published")
    for invocation in (first, second):
        assert status(invocation) == 301
        assert invocation.over
        assert not invocation.timed_out
    assert len({record["eventId"] for record in lost}) == 2
    assert all(record["event"]["id"] == record["eventId"] for record in lost)
