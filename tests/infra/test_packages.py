"""What is uploaded: the locked code for the processor it will run on, and nothing that Lambda has already."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.stack import ROOT

AARCH64 = 183  # e_machine of ELF files for 64-bit Arm


REDIRECT_BYTES = 100_000
"""At most; each cold start fetches and unpacks them."""


def build(service: str, *options: str, platform: str = "aarch64-manylinux_2_28") -> Path:
    command = [sys.executable, "tools/build_package.py", service, "--platform", platform, *options]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return Path(ran.stdout.strip())


@pytest.mark.parametrize("service", ["links", "users", "analytics"])
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


def test_the_redirect_is_small_and_all_our_own() -> None:
    path = build("redirect", "--no-sources")
    assert path.stat().st_size <= REDIRECT_BYTES
    with zipfile.ZipFile(path) as package:
        names = set(package.namelist())
    assert {name.split("/")[0] for name in names} == {"redirect", "hopcount_shared"}
    shared = {Path(name).stem for name in names if name.startswith("hopcount_shared/")}
    assert shared == {"__init__", "base62", "errors", "times"}, "and nothing that only others need"


def test_the_redirect_is_shipped_as_byte_code_of_every_module() -> None:
    with zipfile.ZipFile(build("redirect", "--no-sources")) as package:
        names = set(package.namelist())
    if sys.version_info[:2] == (3, 13):  # without that Python there can be no byte code for it
        service = ROOT / "services" / "redirect"
        modules = [path.relative_to(service) for path in service.glob("redirect/**/*.py")]
        assert {module.with_suffix(".pyc").as_posix() for module in modules} <= names
        assert not [name for name in names if name.endswith(".py") or "__pycache__" in name]


def test_the_redirect_runs_from_byte_code_alone_and_without_any_library(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("redirect", "--no-sources", platform="host")) as package:
        package.extractall(tmp_path)
    check = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from redirect.handlers import check_health, redirect
print(redirect.__file__, check_health.handler({{}}, None)["statusCode"])
"""
    python = (
        ROOT / "local" / "aws" / ".venv" / "bin" / "python"
    )  # what the package for this machine is made for
    ran = subprocess.run([python, "-I", "-S", "-c", check], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == [str(tmp_path / "redirect" / "handlers" / "redirect.pyc"), "200"]


def test_dax_comes_with_its_client_only_if_asked_for() -> None:
    with zipfile.ZipFile(build("redirect", "--no-sources", "--extra", "dax")) as package:
        names = set(package.namelist())
    folders = {name.split("/")[0] for name in names}
    assert {"redirect", "hopcount_shared", "amazondax", "antlr4"} <= folders
    assert not {"boto3", "botocore", "pydantic"} & folders
    # It is published as sources alone, and built here: it must hold nothing for this machine's processor.
    assert not [name for name in names if name.endswith(".so")]


def test_the_same_inputs_give_the_same_bytes() -> None:
    first = build("redirect", "--no-sources").read_bytes()
    assert build("redirect", "--no-sources").read_bytes() == first


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
