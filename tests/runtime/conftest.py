from collections.abc import Iterator

import pytest

from tests.runtime.function import Function
from tests.runtime.installation import Installation, install
from tests.support.aws_endpoint import AwsEndpoint


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return install(tmp_path_factory.mktemp("function"))


@pytest.fixture
def aws() -> Iterator[AwsEndpoint]:
    with AwsEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def function(installed: Installation, aws: AwsEndpoint) -> Function:
    """The redirect over a fake AWS."""
    return Function(installed, aws)
