import signal
from collections.abc import Iterator

import pytest

from tests.support.people import Creator, Visitor, close_all
from tests.support.stack import Stack

# A shell that runs this in the background has it ignore Ctrl-C, and every command that is started here too.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def stack() -> Stack:
    return Stack.load()


@pytest.fixture(scope="session", autouse=True)
def _closed_in_the_end() -> Iterator[None]:
    yield
    close_all()


@pytest.fixture(scope="module")
def creator(stack: Stack) -> Creator:
    """Somebody new for each file, so that no test counts another file's links."""
    return Creator.sign_up(stack)


@pytest.fixture(scope="session")
def stranger(stack: Stack) -> Creator:
    """Somebody else, who must see nothing of what a test makes."""
    return Creator.sign_up(stack)


@pytest.fixture(scope="session")
def visitor(stack: Stack) -> Visitor:
    return Visitor(stack)
