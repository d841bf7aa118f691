import os
from collections.abc import Iterator

# Powertools reads these when it is imported.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    COLUMNS="200",
    POWERTOOLS_TRACE_DISABLED="true",
    TERM="dumb",
)
for name in ("AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "HOPCOUNT_STAGE"):
    os.environ.pop(name, None)

import pytest  # noqa: E402
from cli.tests.support import World, world_in_moto  # noqa: E402


@pytest.fixture
def world() -> Iterator[World]:
    with world_in_moto() as world:
        yield world
