"""What operators see and stop on the running product: its state, clicks, links and people."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.command_line import HOPCOUNT, done
from tests.support.ops import operator_environment, run_ops
from tests.support.people import (
    Cognito,
    Creator,
    Visitor,
    new_email,
    new_password,
    ok,
    open_http,
    problem,
    sign_in,
)
from tests.support.poll import until
from tests.support.stack import STAGE, Stack


def tails(stack: Stack) -> tuple[list[str], list[str]]:
    """Return the rules and queues of those who listen."""
    prefix = f"hopcount-{STAGE}-tail-"
    rules = stack.client("events").list_rules(EventBusName=stack.outputs["eventBusName"], NamePrefix=prefix)
    queues = stack.client("sqs").list_queues(QueueNamePrefix=prefix)
    return [rule["Name"] for rule in rules["Rules"]], queues.get("QueueUrls", [])


@contextmanager
def listening(stack: Stack, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `hopcount ops tail`, from when it listens."""
    command = [HOPCOUNT, "ops", "tail", *arguments]
    environment = operator_environment(stack)
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        watchdog = threading.Timer(120, process.kill)
        watchdog.start()
        try:
            assert process.stderr is not None
            assert "Listening" in process.stderr.readline()
            yield process
        finally:
            watchdog.cancel()
            if process.poll() is None:
                process.terminate()


def test_the_state_of_everything_is_told(stack: Stack) -> None:
    ran = run_ops(stack, "status", "--json")
    assert ran.returncode in {0, 1}, ran.stderr
    report = json.loads(ran.stdout)
    assert ran.returncode == bool(report["attention"])
    assert (report["consumer"], report["ledgerMatches"]) == ("Enabled", True)
    names = {queue["name"].removeprefix(f"hopcount-{STAGE}-") for queue in report["queues"]}
    assert {"clicks", "folds", "clicks-dlq", "users-link-events", "links-erasures"} <= names
    assert [shard["shard"] for shard in report["shards"]] == [0]


def test_clicks_on_a_link_are_printed_as_they_happen(
    stack: Stack, creator: Creator, visitor: Visitor
) -> None:
    link, other = creator.create(), creator.create()
    with listening(stack, "--json", "--link", link["id"], "--count", "2") as process:
        visitor.follow(other["id"])
        visitor.follow(link["id"])
        visitor.follow(link["id"], **{"User-Agent": "curl/8.5"})
        printed, remarks = process.communicate(timeout=60)
    assert process.returncode == 0, remarks
    lines = [json.loads(line) for line in printed.splitlines()]
    assert {line["code"] for line in lines} == {link["id"]}
    assert sorted((line["kind"], line["browser"]) for line in lines) == [
        ("machine", "unknown"),
        ("person", "Firefox"),
    ]


def test_whoever_stops_listening_leaves_nothing(stack: Stack) -> None:
    before = tails(stack)
    with listening(stack) as process:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert tails(stack) == before


def test_a_disabled_link_leads_nowhere_until_it_is_enabled(
    stack: Stack, creator: Creator, visitor: Visitor
) -> None:
    link = creator.create("https://example.com/harmful")
    done(run_ops(stack, "link", "disable", link["id"], "--reason", "Phishing, reported"))
    refused = visitor.follow(link["id"])
    assert refused.status_code == 451
    assert "Phishing, reported" in refused.text
    assert creator.link(link["id"])["disabledReason"] == "Phishing, reported"
    done(run_ops(stack, "link", "enable", link["id"]))
    assert visitor.follow(link["id"]).headers["location"] == "https://example.com/harmful"


def test_a_disabled_user_can_do_nothing_until_they_are_enabled(stack: Stack) -> None:
    cognito, email, password = Cognito(stack), new_email(), new_password()
    cognito.sign_up(email, password).raise_for_status()
    cognito.confirm(email, cognito.mailed_code(email)).raise_for_status()
    somebody = Creator(stack, sign_in(cognito, email, password), email)
    token = ok(somebody.http.post("/users/me/tokens", json={"name": "ci", "scopes": ["links:read"]}), 201)[
        "token"
    ]
    machine = open_http(stack.base_url, {"Authorization": f"Bearer {token}"})
    report = json.loads(done(run_ops(stack, "user", "disable", email, "--json")))
    assert report["enabled"] is False
    assert cognito.sign_in(email, password).status_code == 400
    problem(
        somebody.http.post("/users/me/tokens", json={"name": "b", "scopes": ["links:read"]}), 403, "forbidden"
    )
    until(lambda: machine.get("/v1/urls").status_code, lambda status: status in {401, 403}, seconds=90)
    done(run_ops(stack, "user", "enable", email))
    sign_in(cognito, email, password)
    assert until(lambda: machine.get("/v1/urls").status_code, lambda status: status == 200, seconds=90)


def test_a_deleted_user_is_gone_with_their_links(stack: Stack) -> None:
    somebody = Creator.sign_up(stack)
    link = somebody.create()
    refused = run_ops(stack, "user", "delete", somebody.email, text="no\n")
    assert refused.returncode == 1
    assert "1 link and" in refused.stderr
    done(run_ops(stack, "user", "delete", somebody.email, text=f"{somebody.email}\n"))
    visitor = Visitor(stack)
    until(lambda: visitor.follow(link["id"]).status_code, lambda status: status == 410, seconds=60)
