"""Whether there is anything to build: a digest of all that decides what the site is."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tools.build_app.archive import COMMAND_LINE
from tools.build_app.paths import APP, LOADER, PAGES, ROOT, WEB

_INPUTS = (
    APP / "hopcount_app",
    APP / "main.py",
    LOADER,
    PAGES,
    WEB / "headers.json",
    COMMAND_LINE,
    Path(__file__).parent,
    ROOT / "uv.lock",
)


def inputs_digest() -> str:
    """Return a digest of the sources and the lock."""
    digest = hashlib.sha256()
    for path in sorted(file for given in _INPUTS for file in _files(given)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = [file for file in path.rglob("*") if file.is_file()]
    return [file for file in found if "__pycache__" not in file.parts and not file.name.startswith(".")]
