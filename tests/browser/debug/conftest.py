"""The site by itself: the front door, and nothing behind it."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.poll import until
from tests.support.ports import free_ports, listens
from tests.support.stack import ROOT


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """Serve `build/site` as the CDN will; what belongs to the API is answered by nobody."""
    port, nobody = free_ports(2)
    environment = {
        "HOPCOUNT_PORT": str(port),
        "HOPCOUNT_API_URL": f"http://127.0.0.1:{nobody}/api",
        "HOPCOUNT_SITE": str(ROOT / "build" / "site"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "hopcount_local.front_door"], env={**os.environ, **environment}
    )
    try:
        until(lambda: listens(port), bool)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)
