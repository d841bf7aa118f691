"""The one wheel that is not installed here: msgpack for the browser, as uv.lock pins it."""

from __future__ import annotations

import hashlib
import subprocess
import tomllib
from pathlib import Path

from tools.build_app.errors import WheelError
from tools.build_app.paths import CACHE, PIP, ROOT

_PLATFORM = "pyemscripten_2026_0_wasm32"
_PYTHON = "3.14"


def browser_wheel(name: str, cache: Path = CACHE / "wheels") -> Path:
    """Return a compiled package's wheel for Pyodide, downloaded once.

    Raises
    ------
    WheelError
        The lock has none, it cannot be had, or it is not the one.
    """
    version, file, digest = locked(name)
    path = cache / file
    if not path.exists():
        _download(f"{name}=={version} --hash=sha256:{digest}", cache)
    if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        path.unlink(missing_ok=True)
        raise WheelError(f"{file} is not what uv.lock says")
    return path


def locked(name: str) -> tuple[str, str, str]:
    """Return version, file name and SHA-256 of a package's wheel for the browser.

    Raises
    ------
    WheelError
        uv.lock has none.
    """
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    for package in packages:
        for wheel in package.get("wheels", ()) if package["name"] == name else ():
            if wheel["url"].endswith(f"{_PLATFORM}.whl"):
                return (
                    package["version"],
                    wheel["url"].rsplit("/", 1)[1],
                    wheel["hash"].removeprefix("sha256:"),
                )
    raise WheelError(f"uv.lock has no wheel of {name} for {_PLATFORM}")


def _download(requirement: str, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    listed = cache / "requirements.txt"
    listed.write_text(requirement + "\n")
    command = [*PIP, "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--platform", _PLATFORM, "--python-version", _PYTHON]
    command += ["--abi", f"cp{_PYTHON.replace('.', '')}", "--dest", str(cache), "--requirement", str(listed)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise WheelError(f"{requirement.split(maxsplit=1)[0]} cannot be downloaded:\n{ran.stderr.strip()}")
