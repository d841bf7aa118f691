import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

# Powertools reads these when it is imported; the rest of the environment is set by the tests that need it.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    POWERTOOLS_SERVICE_NAME="links",
    POWERTOOLS_TRACE_DISABLED="true",
    STAGE="test",
)

import pytest
from hypothesis import settings
from services.links.tests.support import ENVIRONMENT, tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator["DynamoDBClient"]:
    """Set the environment of every function and open an AWS in memory."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with tables() as client:
        yield client
