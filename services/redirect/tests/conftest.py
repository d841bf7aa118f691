import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from moto.backends import get_backend
from moto.server import ThreadedMotoServer

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
)
os.environ.pop("AWS_ENDPOINT_URL", None)


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    """An AWS that answers over HTTP, as the redirect's own client wants it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(aws_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same, empty, and found by every client."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_server)

    for name in ("dynamodb", "events", "sqs"):
        for account in get_backend(name).values():
            for backend in account.values():
                backend.reset()
    return aws_server
