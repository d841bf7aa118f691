"""`hopcount ops` as an operator's shell runs it."""

import os
import subprocess

from tests.support.command_line import HOPCOUNT
from tests.support.stack import STAGE, Stack


def operator_environment(stack: Stack, stage: str = STAGE) -> dict[str, str]:
    """Return the environment of somebody who may do anything on the AWS that the product runs on."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **own,
        "AWS_ENDPOINT_URL": stack.outputs["awsEndpointUrl"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": stack.outputs["region"],
        "HOPCOUNT_STAGE": stage,
    }


def run_ops(
    stack: Stack, *arguments: str, stage: str = STAGE, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `hopcount ops ...` to its end."""
    return subprocess.run(
        [HOPCOUNT, "ops", *arguments],
        env=operator_environment(stack, stage),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
