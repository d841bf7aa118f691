"""Byte code in the place of Python sources: the browser need not compile what the build has compiled."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools.build_app.archive import pack, unpack
from tools.build_app.engine import CLIENT
from tools.build_app.errors import BuildError
from tools.build_app.paths import CACHE

_COMPILER = Path(__file__).with_name("compile.mjs")


def compiled(sources: Mapping[str, bytes], cache: Path = CACHE / "byte-code") -> dict[str, bytes]:
    """Return the files with byte code for the browser's Python instead of sources; made once, then kept.

    Raises
    ------
    BuildError
        Something does not compile.
    """
    packed = pack(sources)
    key = hashlib.sha256(packed + _COMPILER.read_bytes() + _pyodide_version()).hexdigest()[:32]
    kept = cache / f"{key}.zip"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as temporary:
            given, made = Path(temporary, "from.zip"), Path(temporary, "to.zip")
            given.write_bytes(packed)
            _compile(given, made)
            made.replace(kept)
    return unpack(kept.read_bytes())


def _compile(given: Path, made: Path) -> None:
    command = ["node", str(_COMPILER), str(CLIENT / "pyodide"), str(given), str(made)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise BuildError(f"the app does not compile:\n{ran.stderr.strip()}")


def _pyodide_version() -> bytes:
    return (CLIENT / "pyodide" / "package.json").read_bytes()
