import os
import signal
from collections.abc import Iterator
from pathlib import Path

# Powertools reads these when it is imported.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    COLUMNS="200",
    POWERTOOLS_TRACE_DISABLED="true",
    TERM="dumb",
)
for name in [*os.environ]:
    if name in {"AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"} or name.startswith("HOPCOUNT_"):
        del os.environ[name]

import pytest  # noqa: E402
from cli.tests.creator import Creator  # noqa: E402
from cli.tests.service import Service  # noqa: E402
from cli.tests.support import World, world_in_moto  # noqa: E402

# A shell that runs this in the background has it ignore Ctrl-C, and every command that is started here too.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def world() -> Iterator[World]:
    with world_in_moto() as world:
        yield world


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


@pytest.fixture
def somebody(service: Service, tmp_path: Path) -> Creator:
    """Somebody who is not signed in."""
    return Creator(service, tmp_path)


@pytest.fixture
def creator(somebody: Creator) -> Creator:
    """Somebody who is."""
    return somebody.sign_in()
