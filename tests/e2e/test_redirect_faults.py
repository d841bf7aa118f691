"""Clicks that cannot take their usual way, from the redirect's code to the counters of the running product.

The function here is the deployed one's code in a process of this test, with the deployed one's settings,
but told that the bus, or the bus and the queue, are where nobody listens.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.clicks import BROWSER
from tests.support.counting import assert_counted, dead_letters
from tests.support.people import Creator
from tests.support.stack import STAGE, Stack

NOBODY = "http://127.0.0.1:9"
CLICKS = 25

FOLLOW = """
import json, sys
from redirect.handlers.redirect import handler

class Context:
    def get_remaining_time_in_millis(self):
        return 6000

event = json.loads(sys.argv[1])
statuses = {handler(event, Context())["statusCode"] for _ in range(int(sys.argv[2]))}
sys.exit(0 if statuses == {301} else f"answered {statuses}")
"""


@pytest.fixture
def owner(stack: Stack) -> Creator:
    """Somebody new for each test: their total counts its clicks alone."""
    return Creator.sign_up(stack)


def follow(stack: Stack, code: str, **endpoints: str) -> str:
    """Follow a link `CLICKS` times where some services cannot be reached; return the function's log."""
    event = {
        "rawPath": f"/{code}",
        "pathParameters": {"id": code},
        "headers": {"user-agent": BROWSER},
        "requestContext": {"http": {"method": "GET"}},
    }
    ran = subprocess.run(
        [sys.executable, "-c", FOLLOW, json.dumps(event), str(CLICKS)],
        env={**settings(stack), **endpoints},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def settings(stack: Stack) -> dict[str, str]:
    """Return the deployed function's environment, and what leads this process to the local AWS."""
    name = f"hopcount-redirect-{STAGE}-redirect"
    deployed: Mapping[str, str] = stack.client("lambda").get_function_configuration(FunctionName=name)[
        "Environment"
    ]["Variables"]
    own = {variable: value for variable, value in os.environ.items() if not variable.startswith("AWS_")}
    return {
        **own,
        **deployed,
        "AWS_ENDPOINT_URL": stack.outputs["awsEndpointUrl"],
        "AWS_REGION": stack.outputs["region"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def messages(log: str) -> list[str]:
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.splitlines()]
    return [line["message"] for line in lines if "message" in line]


def test_while_the_bus_is_down_clicks_arrive_by_the_queue(stack: Stack, owner: Creator) -> None:
    code, dead = owner.create()["id"], dead_letters(stack)
    log = follow(stack, code, AWS_ENDPOINT_URL_EVENTBRIDGE=NOBODY)
    assert messages(log) == ["click sent to the queue"] * CLICKS
    assert_counted(stack, owner, code, CLICKS)
    assert dead_letters(stack) == dead


def test_while_both_are_down_clicks_come_back_from_the_log(stack: Stack, owner: Creator) -> None:
    code = owner.create()["id"]
    log = follow(stack, code, AWS_ENDPOINT_URL_EVENTBRIDGE=NOBODY, AWS_ENDPOINT_URL_SQS=NOBODY)
    assert messages(log) == ["click not published"] * CLICKS
    for _ in range(2):  # once more changes nothing
        replay(stack, log)
        assert_counted(stack, owner, code, CLICKS)


def replay(stack: Stack, log: str) -> None:
    ran = subprocess.run(
        [Path(sys.executable).with_name("hopcount"), "ops", "replay", "--from-logs", "-", "--stage", STAGE],
        env=settings(stack),
        input=log,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert f"{CLICKS} clicks sent" in ran.stdout
