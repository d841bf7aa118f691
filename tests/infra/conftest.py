from pathlib import Path

import pytest

from tests.support.stack import Stack
from tests.support.templates import Template, compile_templates


@pytest.fixture(scope="session")
def stack() -> Stack:
    return Stack.load()


@pytest.fixture(scope="session")
def templates(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    folder: Path = tmp_path_factory.mktemp("templates")
    return compile_templates(stack, folder)
