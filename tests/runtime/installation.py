"""The function as Lambda gets it, the official runtime client, and the official emulator.

What is not our own is pinned, and installed once into `build/runtime`, in a folder named by the pins.
"""

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.packages import build_redirect

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
UV = ROOT / ".tools" / "bin" / "uv"
PINS = HERE / "requirements.txt"


@dataclass(frozen=True)
class Installation:
    """Where everything is.

    Parameters
    ----------
    client
        The folder of the Python runtime client.
    emulator
        The Runtime Interface Emulator, a program.
    package
        The zip of our function.
    function
        The folder of our function.
    """

    client: Path
    emulator: Path
    package: Path
    function: Path

    @property
    def environment(self) -> dict[str, str]:
        """What it takes that the runtime client and the faulty functions beside this file are found."""
        return {"PYTHONPATH": f"{self.client}{os.pathsep}{HERE}", "PYTHONDONTWRITEBYTECODE": "1"}

    def command(self, handler: str) -> list[str]:
        """Return what starts a function, from its folder. Packages of this environment cannot be imported."""
        return [sys.executable, "-S", "-m", "awslambdaric", handler]


def install(folder: Path) -> Installation:
    """Install what is not there yet, and build our function.

    Parameters
    ----------
    folder
        Where our function is unpacked.
    """
    client = _client()
    machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    emulator = client / "samcli" / "local" / "rapid" / f"aws-lambda-rie-{machine}"
    emulator.chmod(0o755)
    package = build_redirect()
    with zipfile.ZipFile(package) as zipped:
        zipped.extractall(folder)
    return Installation(client, emulator, package, folder)


def _client() -> Path:
    digest = hashlib.sha256(PINS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ROOT / "build" / "runtime" / digest
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            unfinished = Path(temporary, "client")
            command: list[str | Path] = [UV, "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
            command += ["--compile-bytecode", "--python", sys.executable]
            _run([*command, "--target", unfinished, "--requirement", PINS])
            with suppress(OSError):  # somebody else was faster
                unfinished.rename(folder)
    return folder


def _run(command: list[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, f"{' '.join(map(str, command))} failed:\n{done.stderr[-4000:]}"
    return done.stdout
