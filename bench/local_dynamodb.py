"""A local DynamoDB of the bench's own: started on a free port, with nothing kept, and stopped at the end."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from hopcount_shared.aws import client

FOLDER = Path(__file__).resolve().parents[1] / "local" / "aws"
PYTHON = FOLDER / ".venv" / "bin" / "python"
START_SECONDS = 60.0


@contextmanager
def local_dynamodb() -> Iterator[Any]:
    """Start a local AWS, give a DynamoDB client of it, and stop it.

    Raises
    ------
    SystemExit
        If it cannot be started; the message says why.
    """
    if not PYTHON.exists():
        raise SystemExit("bench: the local AWS is not installed; `make setup` installs it")
    port = _free_port()
    folder = Path(tempfile.mkdtemp(prefix="hopcount-bench-"))
    log = folder / "log"
    environment = {
        "PATH": os.environ["PATH"],
        "HOPCOUNT_AWS_PORT": str(port),
        "HOPCOUNT_AWS_STATE_DIR": str(folder / "state"),
        "HOPCOUNT_AWS_LOG_LEVEL": "WARNING",
        # DynamoDB as it comes: no patch changes what it does, and keeping its state would take time.
        "LOCAL_AWS_WITHOUT": "all",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PYTHON, "-m", "local_aws"], cwd=FOLDER, env=environment, stdout=output, stderr=output
        )
    try:
        url = f"http://127.0.0.1:{port}"
        if not _comes_up(process, url):
            raise SystemExit(f"bench: the local AWS did not start:\n{log.read_text()[-2000:]}")
        yield _client(url)
    finally:
        process.kill()  # there is nothing to save
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _client(url: str) -> Any:
    os.environ.update(
        AWS_ENDPOINT_URL=url,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106  the local AWS's root
        AWS_DEFAULT_REGION="us-east-1",
    )
    return client("dynamodb", connect_timeout=10, read_timeout=60, attempts=1)


def _comes_up(process: "subprocess.Popen[bytes]", url: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/_ministack/ready").status_code == 200:
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
