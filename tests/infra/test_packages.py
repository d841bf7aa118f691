"""What is uploaded: the locked code for the processor it will run on, and nothing that Lambda has already."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.stack import ROOT

AARCH64 = 183  # e_machine of ELF files for 64-bit Arm


def build(service: str) -> Path:
    command = [sys.executable, "tools/build_package.py", service, "--platform", "aarch64-manylinux_2_28"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return Path(ran.stdout.strip())


@pytest.mark.parametrize("service", ["links", "users", "redirect", "analytics"])
def test_a_package_for_aws_holds_what_lambda_needs_and_lacks(service: str) -> None:
    with zipfile.ZipFile(build(service)) as package:
        names = package.namelist()
        folders = {name.split("/")[0] for name in names}
        assert {service, "hopcount_shared", "pydantic"} <= folders
        assert not {"boto3", "botocore", "tests"} & folders
        assert any(name.startswith(f"{service}/handlers/") and name.endswith(".py") for name in names)
        binaries = [name for name in names if name.endswith(".so")]
        assert binaries
        for name in binaries:
            assert int.from_bytes(package.read(name)[18:20], "little") == AARCH64, name
        sources = {name for name in names if name.endswith(".py")}
        compiled = {name for name in names if name.endswith(".pyc")}
        assert all(name.endswith(".cpython-313.pyc") for name in compiled), "byte code of another Python"
        if sys.version_info[:2] == (3, 13):  # without that Python there can be no byte code for it
            assert len(compiled) >= len(sources), "the first start of a sandbox would compile everything"


def test_the_same_inputs_give_the_same_bytes() -> None:
    first = build("redirect").read_bytes()
    assert build("redirect").read_bytes() == first


def test_packages_built_at_once_do_not_disturb_each_other() -> None:
    shutil.rmtree(ROOT / "build" / "dependencies", ignore_errors=True)
    command = [sys.executable, "tools/build_package.py", "--platform", "x86_64-manylinux_2_28"]
    builds = [
        subprocess.Popen(
            [*command, service], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for service in ("links", "users", "analytics")
    ]
    for running in builds:
        _, problems = running.communicate()
        assert running.returncode == 0, problems
