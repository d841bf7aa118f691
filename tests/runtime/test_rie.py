"""AWS's own Runtime Interface Emulator takes the extension for one, and is never kept until its timeout.

It holds each answer until the extension is done, which Lambda does not. So when an answer is here, the click
is published.
"""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.function import HANDLER, TIMEOUT_SECONDS, Function, visit
from tests.support.aws_endpoint import SERVER_ERROR, AwsEndpoint
from tests.support.poll import until
from tests.support.ports import free_ports, listens

VISITS = 20


@dataclass
class Emulator:
    """A running emulator."""

    port: int
    output: Path

    def invoke(self, event: object) -> Any:
        """Return what the function answered, once everybody is done."""
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations"
        with urllib.request.urlopen(url, json.dumps(event).encode(), timeout=60) as answer:
            return json.load(answer)

    @property
    def log(self) -> str:
        """What the emulator and the function wrote."""
        return self.output.read_text()


@pytest.fixture
def emulator(function: Function, tmp_path: Path) -> Iterator[Emulator]:
    port, api_port = free_ports(2)
    places = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    places += ["--runtime-api-address", f"127.0.0.1:{api_port}"]
    output = tmp_path / "emulator.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [function.installed.emulator, *places, *function.installed.command(HANDLER)],
            cwd=function.installed.function,
            env={**function.environment, "AWS_LAMBDA_FUNCTION_TIMEOUT": f"{TIMEOUT_SECONDS:.0f}"},
            stdout=log,
            stderr=log,
        )
    try:
        until(lambda: listens(port), bool, every=0.02)
        yield Emulator(port, output)
    finally:
        process.terminate()
        process.wait()


def check(emulator: Emulator, invocations: int) -> None:
    """Make sure that there was one sandbox, and that each invocation ended by itself."""
    log = emulator.log
    assert log.count("Internal agent clicks") == log.count("registered, subscribed to [INVOKE]") == 1
    assert log.count("INIT START") == 1
    assert log.count("INVOKE RTDONE(status: success") == invocations
    assert log.count("REPORT RequestId") == invocations
    assert "Reset initiated" not in log
    assert "imed out" not in log


def test_every_visit_is_published_once_and_ends(emulator: Emulator, aws: AwsEndpoint) -> None:
    for number in range(1, VISITS + 1):
        answer = emulator.invoke(visit(f"code{number % 3}"))
        assert answer["statusCode"] == 301, answer
        assert aws.count("PutEvents") == number
    assert len({event["id"] for event in aws.events()}) == VISITS
    check(emulator, VISITS)


def test_visits_that_do_not_count_end_as_well(emulator: Emulator, aws: AwsEndpoint) -> None:
    aws.links["none"] = None
    visits = [visit("abc1234", "HEAD"), visit("none"), visit("%00"), visit("robots.txt"), visit("abc1234")]
    answers = [emulator.invoke(event)["statusCode"] for event in visits]
    assert answers == [301, 404, 404, 200, 301]
    assert aws.count("PutEvents") == 1
    check(emulator, len(visits))


def test_a_failing_bus_holds_no_invocation_until_its_timeout(emulator: Emulator, aws: AwsEndpoint) -> None:
    aws.fail("PutEvents", SERVER_ERROR)
    for number in range(1, 4):
        assert emulator.invoke(visit("abc1234"))["statusCode"] == 301
        assert aws.count("SendMessage") == number
    check(emulator, 3)
