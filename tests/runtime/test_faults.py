"""What fails costs visitors nothing that can be helped, and no click is lost that can be kept."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from analytics.domain.clicks import Click, Provable
from analytics.events import read_message
from hopcount_cli.ops.logs import find_clicks
from tests.runtime.function import BUS, QUEUE_URL, TABLE, Function, records, status, visit
from tests.support.aws_endpoint import (
    CLOSED,
    CUT,
    DENIED,
    ENTRY_FAILED,
    GARBAGE,
    SERVER_ERROR,
    THROTTLED,
    TOO_MUCH,
    UNAVAILABLE,
    AwsEndpoint,
    Fault,
    link,
)
from tests.support.runtime_api import Invocation, Sandbox

FAULTY = "faulty_redirect.handler"
VISITS = 4


def visits(sandbox: Sandbox, *codes: str) -> list[Invocation]:
    """Visit, and wait until everything is done."""
    invocations = [sandbox.invoke(visit(code)) for code in codes]
    sandbox.wait_idle()
    assert not any(invocation.timed_out for invocation in invocations)
    return invocations


def statuses(invocations: Sequence[Invocation]) -> list[int]:
    return [status(invocation) for invocation in invocations]


def offered(aws: AwsEndpoint) -> list[str]:
    """Return the events that the bus was asked to take, each once."""
    details = [entry["Detail"] for call in aws.calls("PutEvents") for entry in call.body["Entries"]]
    return list(dict.fromkeys(details))


def restored(log: str) -> list[str]:
    """Return what `hopcount ops replay --from-logs` would send."""
    tools: Any = SimpleNamespace(clock=lambda: datetime.now(UTC))
    provable = Provable(since=datetime(2026, 1, 1, tzinfo=UTC), horizon=timedelta(days=120))
    deployment: Any = SimpleNamespace(provable=provable)
    found = find_clicks(tools, deployment, log)
    assert (found.too_old, found.unreadable) == (0, 0)
    return found.clicks


class TestCalls:
    """What a visit costs, to the call. Each further one would be paid for by every visitor."""

    def asked(self, function: Function, *events: dict[str, Any]) -> list[Counter[str]]:
        costs = []
        with function.sandbox(freeze=True) as sandbox:
            for event in events:
                function.aws.forget()
                status(sandbox.invoke(event))
                sandbox.wait_idle()
                costs.append(Counter(call.operation for call in function.aws.calls()))
        return costs

    def test_a_miss_reads_and_publishes_and_a_hit_publishes(self, function: Function) -> None:
        miss, *hits = self.asked(function, *[visit("abc1234")] * 5)
        assert miss == {"GetItem": 1, "PutEvents": 1}
        assert hits == [{"PutEvents": 1}] * 4

    def test_what_does_not_count_reads_only(self, function: Function, aws: AwsEndpoint) -> None:
        aws.links["none"] = None
        aws.links["gone"] = link("gone", deletedAt={"S": "2026-11-01T00:00:00.000000Z"})
        events = [visit("none"), visit("gone"), visit("a", "HEAD"), visit("b", sec_purpose="prefetch")]
        assert self.asked(function, *events) == [{"GetItem": 1}] * 4

    def test_what_can_be_no_code_costs_nothing(self, function: Function) -> None:
        junk = ["%00", "x" * 2048, "a b", "wp-login.php", "..", "é", "robots.txt", "favicon.ico", ""]
        assert self.asked(function, *map(visit, junk)) == [{}] * len(junk)

    def test_the_calls_are_those_that_the_policy_allows(self, function: Function, aws: AwsEndpoint) -> None:
        with function.sandbox() as sandbox:
            aws.fail("PutEvents", DENIED)
            visits(sandbox, "abc1234")
        [read], [put, *_], [sent] = (aws.calls(name) for name in ("GetItem", "PutEvents", "SendMessage"))
        assert (read.body["TableName"], read.body["Key"]) == (TABLE, {"id": {"S": "abc1234"}})
        assert read.body["ConsistentRead"] is True
        [entry] = put.body["Entries"]
        assert (entry["EventBusName"], entry["Source"]) == (BUS, "hopcount.redirect")
        assert sent.body["QueueUrl"] == QUEUE_URL


class TestBus:
    @pytest.mark.parametrize("fault", [SERVER_ERROR, THROTTLED, DENIED, CLOSED, ENTRY_FAILED, GARBAGE])
    def test_without_the_bus_clicks_come_by_the_queue(
        self, function: Function, aws: AwsEndpoint, fault: Fault
    ) -> None:
        aws.fail("PutEvents", fault)
        with function.sandbox(freeze=True) as sandbox:
            invocations = visits(sandbox, *["abc1234"] * VISITS)
            assert len(records(sandbox, "click sent to the queue")) == VISITS
            assert records(sandbox, "click not published") == []
        assert statuses(invocations) == [301] * VISITS
        bodies = [call.body["MessageBody"] for call in aws.calls("SendMessage")]
        assert bodies[:1] == offered(aws)[:1], "the very event that the bus did not take"
        assert all(isinstance(read_message(body), Click) for body in bodies)
        assert len({json.loads(body)["id"] for body in bodies}) == VISITS

    def test_a_bus_that_fails_once_is_asked_again(self, function: Function, aws: AwsEndpoint) -> None:
        with function.sandbox(freeze=True) as sandbox:
            for fault in (SERVER_ERROR, THROTTLED, CLOSED, CUT, ENTRY_FAILED, GARBAGE):
                aws.fail("PutEvents", fault, times=1)
                assert statuses(visits(sandbox, "abc1234")) == [301]
        assert aws.count("SendMessage") == 0
        assert len({event["id"] for event in aws.events()}) == 6

    def test_the_queue_alone_will_do(self, function: Function, aws: AwsEndpoint) -> None:
        with function.sandbox(environment={"CLICK_TRANSPORT": "queue"}, freeze=True) as sandbox:
            visits(sandbox, *["abc1234"] * VISITS)
            assert records(sandbox, "click sent to the queue") == []
        assert (aws.count("PutEvents"), aws.count("SendMessage")) == (0, VISITS)

    @pytest.mark.parametrize("transport", ["bus", "queue"])
    def test_what_nobody_takes_is_restored_from_the_log(
        self, function: Function, aws: AwsEndpoint, transport: str
    ) -> None:
        aws.fail("PutEvents", SERVER_ERROR)
        aws.fail("SendMessage", UNAVAILABLE)
        with function.sandbox(environment={"CLICK_TRANSPORT": transport}, freeze=True) as sandbox:
            invocations = visits(sandbox, *["abc1234", "other12"] * VISITS)
            log = sandbox.log
        assert statuses(invocations) == [301] * 2 * VISITS
        clicks = restored(log)
        assert len({json.loads(click)["id"] for click in clicks}) == len(clicks) == len(invocations)
        refused = [call.body["MessageBody"] for call in aws.calls("SendMessage")]
        assert json.loads(clicks[0]) == json.loads(refused[0]), "the very event that nobody took"

    def test_sent_is_counted_whatever_fails_in_between(self, function: Function, aws: AwsEndpoint) -> None:
        with function.sandbox(freeze=True) as sandbox:
            visits(sandbox, *["abc1234"] * VISITS)
            aws.fail("PutEvents", UNAVAILABLE)
            visits(sandbox, *["abc1234"] * VISITS)
            aws.fail("SendMessage", UNAVAILABLE)
            visits(sandbox, *["abc1234"] * VISITS)
            log = sandbox.log
        by_bus, by_queue, by_log = aws.count("PutEvents"), aws.count("SendMessage"), restored(log)
        assert min(by_bus, by_queue, len(by_log)) > 0
        arrived = {event["id"] for event in aws.events()} | {json.loads(click)["id"] for click in by_log}
        assert len(arrived) == 3 * VISITS


class TestTable:
    def test_a_link_that_is_known_redirects_without_the_table(
        self, function: Function, aws: AwsEndpoint
    ) -> None:
        with function.sandbox(environment={"CACHE_SECONDS": "0"}, freeze=True) as sandbox:
            visits(sandbox, "abc1234")
            aws.fail("GetItem", SERVER_ERROR)
            known = visits(sandbox, *["abc1234"] * VISITS)
            [unknown] = visits(sandbox, "other12")
            aws.heal()
            [again] = visits(sandbox, "other12")
        assert statuses(known) == [301] * VISITS
        assert (status(unknown), status(again)) == (503, 301)
        assert int(unknown.value["headers"]["Retry-After"]) > 0
        assert aws.count("PutEvents") == 1 + VISITS + 1, "stale or not, visits count"

    def test_what_is_too_old_is_not_good_for_it(self, function: Function, aws: AwsEndpoint) -> None:
        settings = {"CACHE_SECONDS": "0", "STALE_SECONDS": "0"}
        with function.sandbox(environment=settings, freeze=True) as sandbox:
            visits(sandbox, "abc1234")
            aws.fail("GetItem", SERVER_ERROR)
            assert statuses(visits(sandbox, "abc1234")) == [503]

    def test_an_expired_link_is_gone_from_the_cache_too(self, function: Function, aws: AwsEndpoint) -> None:
        aws.links["old1234"] = link("old1234", expiresAt={"S": "2026-01-01T00:00:00.000000Z"})
        with function.sandbox(freeze=True) as sandbox:
            assert statuses(visits(sandbox, "old1234", "old1234")) == [410, 410]
        assert aws.count("GetItem") == 1

    @pytest.mark.parametrize("fault", [SERVER_ERROR, TOO_MUCH, CLOSED, CUT, GARBAGE])
    def test_a_table_that_fails_once_is_asked_again(
        self, function: Function, aws: AwsEndpoint, fault: Fault
    ) -> None:
        with function.sandbox(freeze=True) as sandbox:
            aws.fail("GetItem", fault, times=1)
            assert statuses(visits(sandbox, "abc1234")) == [301]
        assert aws.count("GetItem") == 2

    def test_nothing_at_all_answers(self, function: Function, aws: AwsEndpoint) -> None:
        with function.sandbox(environment={"CACHE_SECONDS": "0"}, freeze=True) as sandbox:
            visits(sandbox, "abc1234")
            aws.go_down()
            assert statuses(visits(sandbox, "abc1234", "other12", "abc1234")) == [301, 503, 301]
            assert len(restored(sandbox.log)) == 2
            aws.come_up()
            assert statuses(visits(sandbox, "other12")) == [301]

    def test_a_start_without_it_is_one_like_others(self, function: Function, aws: AwsEndpoint) -> None:
        aws.go_down()
        with function.sandbox(freeze=True) as sandbox:
            assert statuses(visits(sandbox, "abc1234")) == [503]
            aws.come_up()
            assert statuses(visits(sandbox, "abc1234")) == [301]
        assert aws.count("PutEvents") == 1


class TestCredentials:
    def test_those_of_an_endpoint_are_fetched_anew_when_they_hold_no_more(
        self, function: Function, aws: AwsEndpoint
    ) -> None:
        environment = {
            "AWS_ACCESS_KEY_ID": "",
            "AWS_SECRET_ACCESS_KEY": "",
            "AWS_SESSION_TOKEN": "",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{aws.url}/credentials",
        }
        with function.sandbox(environment=environment, freeze=True) as sandbox:
            for number, name in enumerate("ABC"):
                aws.access_keys = {name}
                aws.container_credentials = {
                    "AccessKeyId": name,
                    "SecretAccessKey": f"secret of {name}",
                    "Token": "token",
                    "Expiration": "2099-01-01T00:00:00Z",
                }
                assert statuses(visits(sandbox, f"code{number}")) == [301]
            assert records(sandbox, "click not published") == []
        assert aws.count("SendMessage") == 0
        keys = [call.access_key for call in aws.calls("PutEvents") if call.fault is None]
        assert keys == ["A", "B", "C"]

    def test_those_of_the_environment_are_followed(self, function: Function, aws: AwsEndpoint) -> None:
        with function.sandbox(handler=FAULTY, freeze=True) as sandbox:
            for name in "ABC":
                aws.access_keys = {name}
                assert status(sandbox.invoke(visit("abc1234", x_key=name))) == 301
                sandbox.wait_idle()
        assert [call.access_key for call in aws.calls("PutEvents")] == ["A", "B", "C"]


class TestDeath:
    def test_a_sandbox_that_is_killed_takes_one_click_with_it_at_most(
        self, function: Function, aws: AwsEndpoint
    ) -> None:
        sandboxes = 3
        with function.sandbox(freeze=True) as sandbox:
            for _ in range(sandboxes):
                aws.heal()
                aws.latency.clear()
                assert statuses(visits(sandbox, *["abc1234"] * VISITS)) == [301] * VISITS
                aws.latency["PutEvents"] = 10.0
                aws.fail("PutEvents", SERVER_ERROR)
                assert status(sandbox.invoke(visit("abc1234"))) == 301
                sandbox.kill()
        assert sum(invocation.spawned_at is not None for invocation in sandbox.invocations) == sandboxes
        visited = sandboxes * (VISITS + 1)
        assert len({event["id"] for event in aws.events()}) == visited - sandboxes

    def test_a_function_that_times_out_is_started_anew(self, function: Function, aws: AwsEndpoint) -> None:
        with function.sandbox(freeze=True) as sandbox:
            visits(sandbox, "abc1234")
            sandbox.kill()
            visits(sandbox, "abc1234")
        assert len({event["data"]["producer"] for event in aws.events()}) == 2, "no two have the same ids"
