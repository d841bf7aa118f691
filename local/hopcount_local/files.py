"""Files that are whole or absent, and digests of source trees."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hopcount_local.errors import LocalError

_LEFT_OUT = frozenset({"__pycache__", "node_modules", "tests"})


def write_json(path: Path, content: Any) -> None:
    """Replace a file at once by JSON that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
    partial.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a file, or `None` where there is no file or no object in it."""
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def fingerprint(paths: Iterable[Path], *, root: Path, extra: Iterable[str] = ()) -> str:
    """Return a digest of files, of folders' source files, and of further text.

    Hidden files and folders (caches, build results), tests, byte code and Markdown change nothing that
    runs, so they do not count; a missing path counts as empty.
    """
    digest = hashlib.sha256()
    for file in sorted(file for path in paths for file in _source_files(path)):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(root).as_posix()}\0{content}\n".encode())
    for text in extra:
        digest.update(f"{text}\n".encode())
    return digest.hexdigest()


def _source_files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, names, files in os.walk(path):
        names[:] = [name for name in names if name not in _LEFT_OUT and not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and not name.endswith((".pyc", ".md")):
                yield Path(folder, name)


def tail(path: Path, lines: int = 25) -> str:
    """Return the last lines of a log, indented, or a note that it is empty."""
    try:
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        text = ""
    last = text.rstrip().splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in last) or "    (the log is empty)"


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold a lock file: two commands at once would start everything twice.

    The system lets go of it when the process ends, however it ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LocalError("Another `make up` or `make down` is at work here: let it finish.") from error
        yield
