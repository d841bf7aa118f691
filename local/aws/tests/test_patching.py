"""A patch whose target is not what it was written for stops the start and says which one it is."""

import os
import subprocess
import sys

import pytest

from local_aws import patches
from local_aws.patching import Patch, PatchTargetChangedError, apply_all, check, fingerprint_of, targets_in
from tests.emulator import FOLDER

MODULE = "local_aws.settings"
NAME = "Settings.from_environment"


def patch_of(module: str, name: str, fingerprint: str, applied: list[str] | None = None) -> Patch:
    def apply() -> None:
        if applied is not None:
            applied.append(name)

    return Patch("example", targets_in(module, {name: fingerprint}), apply)


def test_an_unchanged_target_passes() -> None:
    check(patch_of(MODULE, NAME, fingerprint_of(MODULE, NAME)))


def test_a_changed_target_fails_and_names_patch_and_target() -> None:
    with pytest.raises(PatchTargetChangedError, match=r"'example'.*local_aws\.settings:Settings.*changed"):
        check(patch_of(MODULE, NAME, "000000000000"))


@pytest.mark.parametrize(("module", "name"), [(MODULE, "Settings.gone"), ("local_aws.gone", "anything")])
def test_a_missing_target_fails_and_names_patch_and_target(module: str, name: str) -> None:
    with pytest.raises(PatchTargetChangedError, match=f"'example'.*{module}:{name} is missing"):
        check(patch_of(module, name, "000000000000"))


def test_nothing_is_applied_when_one_target_changed() -> None:
    applied: list[str] = []
    good = patch_of(MODULE, NAME, fingerprint_of(MODULE, NAME), applied)
    bad = patch_of(MODULE, NAME, "000000000000", applied)
    with pytest.raises(PatchTargetChangedError):
        apply_all([good, bad])
    assert applied == []


def test_every_patch_fits_the_pinned_emulator() -> None:
    for patch in patches.selected():
        check(patch)


def test_names_follow_from_modules() -> None:
    names = [patch.name for patch in patches.selected()]
    assert names == [module.replace("_", "-") for module in patches.MODULES]


def test_an_unknown_patch_cannot_be_left_out() -> None:
    with pytest.raises(LookupError, match="no such patch: nonsense"):
        list(patches.selected(frozenset({"nonsense"})))


def test_the_launcher_refuses_a_changed_target(tmp_path: object) -> None:
    """The emulator's source changes under a patch; the process must end before it listens."""
    script = (
        "import sys, runpy, inspect\n"
        "from ministack.core import lambda_runtime\n"
        "def _drain_stderr_bounded(self): return 'another version'\n"
        "lambda_runtime.Worker._drain_stderr_bounded = _drain_stderr_bounded\n"
        "real = inspect.getsource\n"
        "inspect.getsource = lambda o: 'changed' if o is _drain_stderr_bounded else real(o)\n"
        "sys.argv = ['local_aws']\n"
        "runpy.run_module('local_aws', run_name='__main__')\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "STATE_DIR": str(tmp_path),
        "HOPCOUNT_AWS_STATE_DIR": str(tmp_path),
        "HOPCOUNT_AWS_PORT": "1",
    }
    ended = subprocess.run(  # noqa: PLW1510  # a bad end is what it is for
        [sys.executable, "-c", script],
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 3
    assert "patch 'lambda-silent-handlers' cannot be applied" in ended.stderr
    assert "Traceback" not in ended.stderr
