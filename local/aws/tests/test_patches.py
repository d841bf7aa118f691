"""Every patch: the behaviour holds with it, and does not hold without it."""

import importlib
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from local_aws import patches
from tests.emulator import Emulator

# Shown by killing emulators of its own, in test_durable_state.
BEHAVIOURS = [module for module in patches.MODULES if module != "durable_state"]


def behaviour(module: str) -> Callable[[Emulator], None]:
    holds: Callable[[Emulator], None] = importlib.import_module(f"tests.behaviours.{module}").holds
    return holds


@pytest.mark.parametrize("module", BEHAVIOURS)
def test_aws_behaviour_holds(module: str, aws: Emulator) -> None:
    behaviour(module)(aws)


@pytest.mark.parametrize("module", BEHAVIOURS)
def test_the_patch_is_needed(module: str, bare_aws: Emulator) -> None:
    with pytest.raises((AssertionError, ClientError, pytest.fail.Exception)):
        behaviour(module)(bare_aws)
