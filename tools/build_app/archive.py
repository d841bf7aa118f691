"""Python's side: the app, what it imports, and the standard library, as archives that Pyodide unpacks.

Archives store their files uncompressed: they travel compressed by brotli, which is smaller than a zip and
unpacked by the browser.
"""

from __future__ import annotations

import importlib.metadata
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tools.build_app.errors import BuildError
from tools.build_app.paths import APP, ROOT
from tools.build_app.wheels import browser_wheel
from tools.build_package import imported_names

INSTALLED = ("flet", "flet-charts", "repath", "six", "segno")
"""Pure Python, and so the same here as in the browser: taken as uv.lock installed them."""
COMPILED = ("msgpack",)
COMMAND_LINE = ROOT / "cli" / "hopcount_cli"
"""Of which the app shares single modules that need the standard library alone."""

_LEFT_OUT = (
    "flet/fastapi/",
    "flet/messaging/flet_dart_bridge_server.py",
    "flet/messaging/flet_socket_server.py",
    "flet/pytest_plugin.py",
    "flet/testing/",
    "flet_charts/__pyinstaller/",
    "flutter/",
    "segno/cli.py",
    "segno/__main__.py",
)
"""Tests, servers, commands and Dart sources: nothing that runs in the browser."""
_NEVER_READ = (".pyi", ".typed", ".exe", ".dist-info/RECORD")


def app_sources(app: Path = APP) -> dict[str, bytes]:
    """Return our own files that the browser's Python needs, by path."""
    files = _tree(app / "hopcount_app", "hopcount_app/")
    files["main.py"] = (app / "main.py").read_bytes()
    return _needed(files | _shared_modules(app / "hopcount_app"))


def libraries() -> dict[str, bytes]:
    """Return others' files that the app imports, by path."""
    files: dict[str, bytes] = {}
    for name in INSTALLED:
        files |= _installed(name)
    for name in COMPILED:
        files |= unpack(browser_wheel(name).read_bytes())
    return _needed(files)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files; the same files give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0)), files[path])
    return target.getvalue()


def unpack(archive: bytes) -> dict[str, bytes]:
    """Return the files of a zip, by path."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        return {path: source.read(path) for path in source.namelist() if not path.endswith("/")}


def _tree(folder: Path, prefix: str) -> dict[str, bytes]:
    return {
        prefix + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _installed(name: str) -> dict[str, bytes]:
    files = importlib.metadata.files(name)
    if not files:
        raise BuildError(f"{name} is not installed: run `make setup`")
    kept = [file for file in files if file.parts[0] != ".." and "__pycache__" not in file.parts]
    return {file.as_posix(): Path(str(file.locate())).read_bytes() for file in kept}


def _shared_modules(sources: Path) -> dict[str, bytes]:
    """Return the command line's modules that are imported, and what those import of it."""
    found: set[Path] = set()
    new = set(sources.rglob("*.py"))
    while new:
        names = set().union(*map(imported_names, new))
        modules = {m for m in COMMAND_LINE.glob("*.py") if f"{COMMAND_LINE.name}.{m.stem}" in names}
        new = modules - found
        found |= new
    if found:
        found.add(COMMAND_LINE / "__init__.py")
    return {f"{COMMAND_LINE.name}/{module.name}": module.read_bytes() for module in found}


def _needed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {
        path: content
        for path, content in files.items()
        if not path.startswith(_LEFT_OUT) and not path.endswith(_NEVER_READ)
    }
