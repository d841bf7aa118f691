"""Deploying every service to the local AWS with the Serverless CLI, when something changed."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from hopcount_local import cloud
from hopcount_local.errors import DeployError
from hopcount_local.files import fingerprint, read_json, write_json
from hopcount_local.progress import Progress
from hopcount_local.settings import SERVICES, STAGE, Settings, without_aws

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_OUTCOME = re.compile(r"^(\S+) \S (deployed|no changes|error)$")
_SHOWN = 30
"""Lines of a failed service's log that are shown."""
_INPUTS = (
    *(f"services/{service}" for service in SERVICES),
    "shared",
    "tools",
    "docs/openapi.json",
    "package-lock.json",
    "pyproject.toml",
    "serverless-compose.yml",
    "uv.lock",
)


def ensure(settings: Settings, progress: Progress) -> None:
    """Deploy all services unless what is deployed is what lies here.

    Raises
    ------
    DeployError
        The CLI failed; the message has the end of its log.
    """
    wanted = inputs_fingerprint(settings)
    done = mark(settings)
    if (read_json(done) or {}).get("inputs") == wanted and cloud.everything_is_deployed(settings):
        progress.say("deployed already, nothing changed")
        return
    # A deployment that breaks off must be done again, whatever the mark said before.
    done.unlink(missing_ok=True)
    _run_compose(settings, progress)
    write_json(done, {"inputs": wanted})


def mark(settings: Settings) -> Path:
    """Return the file that says what was deployed last."""
    return settings.data / "deployed.json"


def inputs_fingerprint(settings: Settings) -> str:
    """Return a digest of everything that decides what is deployed: the code and the addresses it is told."""
    return fingerprint(
        (settings.root / path for path in _INPUTS),
        root=settings.root,
        extra=(settings.base_url, settings.aws_url, settings.region),
    )


def environ(settings: Settings, current: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which the Serverless CLI deploys here, and nowhere else."""
    return {
        **without_aws(current),
        **settings.aws_environ(),
        "PATH": f"{settings.root / '.tools' / 'bin'}{os.pathsep}{current.get('PATH', os.defpath)}",
        "HOPCOUNT_PUBLIC_BASE_URL": settings.base_url,
        "SLS_AWS_MONITORING_FREQUENCY": "250",
        "SLS_NOTIFICATIONS_MODE": "off",
        "SLS_TELEMETRY_DISABLED": "1",
        "NODE_NO_WARNINGS": "1",
        "NO_COLOR": "1",
    }


def explain(log: str) -> str:
    """Return of a failed deployment's log what the services said that failed, or else how it ended."""
    lines = log.strip().splitlines()
    failed = [
        outcome[1] for line in lines if (outcome := _OUTCOME.search(line.strip())) and outcome[2] == "error"
    ]
    said = [[line for line in lines if line.startswith(f"{service} ")][-_SHOWN:] for service in failed]
    return "\n".join(f"    {line}" for part in said or [lines[-_SHOWN:]] for line in part)


def _run_compose(settings: Settings, progress: Progress) -> None:
    log = settings.logs / "deploy.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    progress.say("deploying every service with the Serverless CLI")
    started = time.monotonic()
    process = subprocess.Popen(
        ["npx", "--no-install", "osls-compose", "deploy", "--stage", STAGE],
        cwd=settings.root,
        env=environ(settings, os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    with process, log.open("w") as file:
        for line in process.stdout or ():
            text = _ESCAPES.sub("", line)
            file.write(text)
            file.flush()
            if outcome := _OUTCOME.search(text.strip()):
                progress.say(f"  {outcome[1]} {outcome[2].replace('error', 'failed')}")
    if process.returncode != 0:
        raise DeployError(f"The deployment failed. Its log ({log}) says:\n{explain(log.read_text())}")
    progress.say(f"deployed in {time.monotonic() - started:.0f} s")
