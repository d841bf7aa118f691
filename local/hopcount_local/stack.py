"""The two background processes: the local AWS and the front door."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from hopcount_local.errors import LocalError
from hopcount_local.files import fingerprint
from hopcount_local.processes import Background, require_free_port
from hopcount_local.progress import Progress
from hopcount_local.settings import Settings, without_aws

_ANSWERS_SOON = 8.0
"""Seconds that a running process gets before it is taken for stuck and started again."""


@dataclass(frozen=True)
class Launch:
    """How a background process is started and when it counts as ready."""

    cwd: Path
    environ: Mapping[str, str]
    """Variables beside the inherited ones."""
    code: str
    """Fingerprint of what it runs: a process that runs something older is started again."""
    port: int
    variable: str
    """The environment variable that chooses the port."""
    ready_url: str
    seconds: float

    @property
    def config(self) -> dict[str, str]:
        """What must be the same for a running process to be left alone."""
        return {**self.environ, "code": self.code}


def local_aws(settings: Settings) -> Background:
    """Return the local AWS as a background process."""
    python = settings.root / "local" / "aws" / ".venv" / "bin" / "python"
    return Background(
        "the local AWS",
        [str(python), "-m", "local_aws"],
        record=settings.run / "aws.json",
        log=settings.logs / "aws.log",
        grace=30,
    )


def front_door(settings: Settings) -> Background:
    """Return the front door as a background process."""
    return Background(
        "the front door",
        [sys.executable, "-m", "hopcount_local.front_door"],
        record=settings.run / "front-door.json",
        log=settings.logs / "front-door.log",
        grace=8,
    )


def ensure_local_aws(settings: Settings, progress: Progress) -> None:
    """Leave a running local AWS alone; start one that is missing, stuck, outdated or on another port."""
    folder = settings.root / "local" / "aws"
    if not (folder / ".venv").exists():
        raise LocalError("The local AWS is not installed (local/aws/.venv is missing): run `make up`.")
    environ = {
        "HOPCOUNT_AWS_PORT": str(settings.aws_port),
        "HOPCOUNT_AWS_STATE_DIR": str(settings.state),
        # More than warnings tells to whom it sends mail, and addresses belong in no log.
        "HOPCOUNT_AWS_LOG_LEVEL": "WARNING",
    }
    code = fingerprint([folder / "local_aws", folder / "requirements.txt"], root=settings.root)
    ready_url = f"{settings.aws_url}/_ministack/ready"
    launch = Launch(folder, environ, code, settings.aws_port, "HOPCOUNT_AWS_PORT", ready_url, seconds=90)
    ensure(local_aws(settings), launch, progress)


def ensure_front_door(settings: Settings, api_url: str, progress: Progress) -> None:
    """Leave a running front door alone; start one that is missing, stuck, outdated or changed."""
    environ = {
        "HOPCOUNT_PORT": str(settings.port),
        "HOPCOUNT_API_URL": api_url,
        "HOPCOUNT_SITE": str(settings.site),
        "HOPCOUNT_SITE_CONNECT": settings.aws_url,
        "HOPCOUNT_VIEWER_COUNTRY": settings.viewer_country or "",
    }
    served = [settings.root / "local" / "hopcount_local" / "front_door", settings.site / "manifest.json"]
    code = fingerprint(served, root=settings.root)
    # Through the front door to the API and its function: nothing less shows that the way is open.
    ready_url = f"{settings.base_url}/health"
    launch = Launch(settings.root, environ, code, settings.port, "HOPCOUNT_PORT", ready_url, seconds=60)
    ensure(front_door(settings), launch, progress)


def require_ports(settings: Settings) -> None:
    """Say at once, and not after a long deployment, that a port is taken.

    Where something of ours runs, a port may be taken by us: then each start looks for itself.
    """
    if not (local_aws(settings).running() or front_door(settings).running()):
        require_free_port(settings.aws_port, "HOPCOUNT_AWS_PORT", "the local AWS")
        require_free_port(settings.port, "HOPCOUNT_PORT", "the front door")


def ensure(process: Background, launch: Launch, progress: Progress) -> None:
    """Make sure that a process runs as wanted and answers.

    Raises
    ------
    PortTakenError, ProcessDiedError, NotReadyError
        As their names say.
    """
    if process.running() and process.config() == launch.config and _answers_soon(process, launch.ready_url):
        progress.say(f"{process.name} runs already")
        return
    # Also clears away what a hard kill left behind.
    if process.stop():
        progress.say(f"{process.name} was stopped, to be started again")
    require_free_port(launch.port, launch.variable, process.name)
    progress.say(f"starting {process.name} on port {launch.port}")
    process.start(cwd=launch.cwd, environ={**without_aws(os.environ), **launch.environ}, config=launch.config)
    process.wait_until(lambda: answers(launch.ready_url), seconds=launch.seconds)
    progress.say(f"{process.name} answers")


def answers(url: str) -> bool:
    """Tell whether a URL answers 200."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _answers_soon(process: Background, url: str) -> bool:
    deadline = time.monotonic() + _ANSWERS_SOON
    while not answers(url):
        if time.monotonic() > deadline or not process.running():
            return False
        time.sleep(0.2)
    return True
