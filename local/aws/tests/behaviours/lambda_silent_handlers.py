"""A function that logs nothing answers as soon as it returns."""

import time

from tests.emulator import Emulator

SOURCE = "def handler(event, context):\n    return {}\n"
# MiniStack alone waits 50 ms; the fastest of several calls leaves the noise of a busy machine out.
CALLS = 15
LONGEST_SECONDS = 0.045


def holds(aws: Emulator) -> None:
    name, client = aws.function(SOURCE), aws.client("lambda")
    client.invoke(FunctionName=name)
    fastest = min(_seconds(client, name) for _ in range(CALLS))
    assert fastest < LONGEST_SECONDS


def _seconds(client: object, name: str) -> float:
    started = time.perf_counter()
    client.invoke(FunctionName=name)  # type: ignore[attr-defined]  # boto3 comes without types here
    return time.perf_counter() - started
