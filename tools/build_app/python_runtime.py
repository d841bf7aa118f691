"""Pyodide, as flet-web brings it, with a standard library that holds what the app can use."""

from __future__ import annotations

import json
from pathlib import Path

from tools.build_app.archive import pack, unpack
from tools.build_app.byte_code import compiled
from tools.build_app.engine import CLIENT

FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")

_LEFT_OUT = (
    "_pydatetime",
    "_pyio",
    "_pyrepl/",
    "antigravity",
    "argparse",
    "asyncio/__main__",
    "asyncio/proactor_events",
    "asyncio/tools",
    "asyncio/windows_",
    "bdb",
    "cProfile",
    "cmd.",
    "code.",
    "compileall",
    "concurrent/futures/process",
    "concurrent/interpreters/",
    "configparser",
    "ctypes/_aix",
    "ctypes/macholib/",
    "ctypes/wintypes",
    "doctest",
    "encodings/cp1",
    "encodings/cp7",
    "encodings/cp8",
    "encodings/mac_",
    "filecmp",
    "fileinput",
    "ftplib",
    "getopt",
    "gettext",
    "http/cookie",
    "http/server",
    "idlelib/",
    "imaplib",
    "logging/config",
    "logging/handlers",
    "mailbox",
    "modulefinder",
    "multiprocessing/",
    "optparse",
    "pdb",
    "pickletools",
    "plistlib",
    "poplib",
    "profile",
    "pstats",
    "pty",
    "pyclbr",
    "pydoc",
    "rlcompleter",
    "smtplib",
    "socketserver",
    "sqlite3/",
    "symtable",
    "tabnanny",
    "this.",
    "timeit",
    "trace.",
    "turtle",
    "unittest/",
    "wave.",
    "wsgiref/",
    "xml/dom/",
    "xmlrpc/",
    "zipapp",
)
"""Debuggers, command lines, servers, other systems, twins of what is built in: no use in a worker."""


def runtime_files(client: Path = CLIENT) -> dict[str, bytes]:
    """Return what is served of Pyodide, by path below its folder."""
    folder = client / "pyodide"
    files = {name: (folder / name).read_bytes() for name in FILES}
    # The list of packages that could be loaded: none can, everything is in the app's archive.
    lock = json.loads((folder / "pyodide-lock.json").read_bytes())
    files["pyodide-lock.json"] = json.dumps({**lock, "packages": {}}).encode()
    files["python_stdlib.zip"] = pack(compiled(standard_library(client)))
    return files


def standard_library(client: Path = CLIENT) -> dict[str, bytes]:
    """Return the standard library's files that are served, by path."""
    library = unpack((client / "pyodide" / "python_stdlib.zip").read_bytes())
    return {path: content for path, content in library.items() if not path.startswith(_LEFT_OUT)}
