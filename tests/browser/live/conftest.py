"""The running product, and somebody who knows its addresses."""

from collections.abc import Iterator

import pytest

from tests.support.people import close_all
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Stack:
    return Stack.load()


@pytest.fixture(scope="session")
def base_url(stack: Stack) -> str:
    return stack.base_url


@pytest.fixture(scope="session", autouse=True)
def _closed_in_the_end() -> Iterator[None]:
    yield
    close_all()
