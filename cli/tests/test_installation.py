"""What an installation is: the command alone, without this repository, and quick to start."""

import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

import hopcount_cli

FOLDER = Path(__file__).parents[1]
HEAVY = {"boto3", "botocore", "plotext", "segno", "httpx", "platformdirs", "hopcount_shared", "analytics"}
WITHOUT_EXTRA = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"boto3", "botocore", "analytics", "hopcount_shared", "users"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from hopcount_cli.__main__ import main
sys.argv[1:] = ARGUMENTS
main()
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["shorten", "--help"], ["stats", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom hopcount_cli.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    ran = python(code, *arguments)
    assert ran.stderr == "[]\n"


@pytest.mark.parametrize("arguments", [["ops"], ["ops", "--help"], ["ops", "verify", "--all"], ["ops", "x"]])
def test_without_its_extra_ops_says_how_to_install_it(arguments: list[str]) -> None:
    ran = python(WITHOUT_EXTRA.replace("ARGUMENTS", repr(arguments)))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("hopcount: the operators' commands are not installed")
    assert "./cli[ops]" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_without_its_extra_the_rest_is_there() -> None:
    ran = python(WITHOUT_EXTRA.replace("ARGUMENTS", "['--help']"))
    assert ran.returncode == 0, ran.stderr
    assert "shorten" in ran.stdout


def test_the_version_is_the_packages() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    assert project["version"] == hopcount_cli.__version__


def test_the_core_depends_on_nothing_of_this_repository() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    assert not [name for name in project["dependencies"] if "hopcount" in name]


def test_a_wheel_holds_the_whole_command(tmp_path: Path) -> None:
    """Built as any installer does, and run where nothing of this repository is."""
    uv = FOLDER.parent / ".tools" / "bin" / "uv"
    subprocess.run(
        [uv, "build", "--quiet", "--wheel", "--out-dir", tmp_path, FOLDER], check=True, timeout=300
    )
    (wheel,) = tmp_path.glob("hopcount_cli-*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    place = tmp_path / "venv" / "bin"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", place / "python", wheel], check=True, timeout=300
    )
    told = subprocess.run([place / "hopcount", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout == f"hopcount {hopcount_cli.__version__}\n"
    for command in ("shorten", "ls", "stats", "qr"):
        helped = subprocess.run([place / "hopcount", command, "--help"], capture_output=True, check=True)
        assert b"Usage" in helped.stdout
    ops = subprocess.run([place / "hopcount", "ops"], capture_output=True, text=True, check=False)
    assert ops.returncode == 2
    assert "not installed" in ops.stderr
