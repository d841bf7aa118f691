"""A burst of invocations does not start a sandbox for each of them."""

import json
from concurrent.futures import ThreadPoolExecutor

from local_aws.patches.lambda_sandbox_limit import SANDBOXES
from tests.emulator import Emulator

SOURCE = """
import os, time
def handler(event, context):
    time.sleep(0.2)
    return os.getpid()
"""


def holds(aws: Emulator) -> None:
    name, client = aws.function(SOURCE), aws.client("lambda")

    def sandbox(_: int) -> int:
        answer: int = json.loads(client.invoke(FunctionName=name)["Payload"].read())
        return answer

    with ThreadPoolExecutor(3 * SANDBOXES) as pool:
        sandboxes = list(pool.map(sandbox, range(3 * SANDBOXES)))
    assert 1 < len(set(sandboxes)) <= SANDBOXES
