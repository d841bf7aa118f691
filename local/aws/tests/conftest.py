"""Two emulators serve the whole run: one as it is meant to be, one with every patch left out."""

import os
import tempfile
from collections.abc import Iterator

import pytest

# Patches import the emulator, which makes its signing keys where this points.
os.environ["STATE_DIR"] = tempfile.mkdtemp(prefix="local-aws-tests-")

from tests.emulator import Emulator


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Return the local AWS with every patch."""
    emulator = Emulator(tmp_path_factory.mktemp("patched") / "state").start()
    yield emulator
    emulator.stop()


@pytest.fixture(scope="session")
def bare_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Return MiniStack as it comes; it gets less time, because waiting for what never happens is slow."""
    emulator = Emulator(tmp_path_factory.mktemp("bare") / "state", without="all", patience=3.0).start()
    yield emulator
    emulator.stop()
