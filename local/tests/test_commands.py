from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hopcount_local import commands
from hopcount_local.settings import Settings


def test_a_shell_that_evaluates_env_reaches_the_local_aws_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.env(Settings(tmp_path, aws_port=4999))
    script = f"{capsys.readouterr().out}\nenv"
    own = {"PATH": "/usr/bin:/bin", "AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "x", "AWS_ACCESS_KEY_ID": "y"}
    ran = subprocess.run(["sh", "-c", script], env=own, capture_output=True, text=True, check=True)
    variables = dict(line.split("=", 1) for line in ran.stdout.splitlines())
    assert variables["HOPCOUNT_STAGE"] == "local"
    assert {name: value for name, value in variables.items() if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4999",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
