"""Snapshots on disk: written beside the current one, then switched to in one step.

A snapshot is a folder of files with a manifest of their digests. It is written under a temporary name,
flushed to disk, and only then renamed to its number: a folder that carries a number is complete, whenever the
process died.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
TEMPORARY = ".writing-"


class DamagedSnapshotError(RuntimeError):
    """The current snapshot is not what was written: the disk, or a person, changed it."""


@dataclass(frozen=True)
class Written:
    """What one attempt to write did: how many bytes are new, and whether anything changed at all."""

    changed: bool
    new_bytes: int
    total_bytes: int


class SnapshotStore:
    """The snapshots of one emulator.

    Parameters
    ----------
    folder
        Where they live; created when missing. One process at a time may write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def current(self) -> Path | None:
        """Return the newest complete snapshot."""
        complete = [path for path in self.folder.iterdir() if path.name.isdecimal()]
        return max(complete, key=lambda path: int(path.name), default=None)

    def clean(self) -> None:
        """Remove what a killed writer left behind, and snapshots that are no longer current."""
        current = self.current()
        for path in self.folder.iterdir():
            if path != current:
                shutil.rmtree(path, ignore_errors=True)

    def verified(self) -> Path | None:
        """Return the current snapshot after comparing every file with its digest.

        Raises
        ------
        DamagedSnapshotError
            If a file is missing or differs: better no start than one on half a state.
        """
        current = self.current()
        for name, digest in digests_of(current).items():
            try:
                content = _path(current, name).read_bytes()
            except OSError as error:
                raise DamagedSnapshotError(f"{_path(current, name)} cannot be read: {error}") from error
            if hashlib.sha256(content).hexdigest() != digest:
                raise DamagedSnapshotError(f"{_path(current, name)} differs from what was written")
        return current

    def write(self, files: Mapping[str, bytes]) -> Written:
        """Make `files` the current snapshot, unless it is that already.

        A file that did not change is linked from the snapshot before, not written again.
        """
        before = self.current()
        old = digests_of(before)
        new = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        total = sum(map(len, files.values()))
        if before and new == old:
            return Written(changed=False, new_bytes=0, total_bytes=total)
        self.clean()
        temporary = self.folder / f"{TEMPORARY}{os.getpid()}"
        temporary.mkdir()
        new_bytes = 0
        for name, content in files.items():
            if new[name] == old.get(name):
                os.link(_path(before, name), temporary / f"{name}.json")
            else:
                _write_through(temporary / f"{name}.json", content)
                new_bytes += len(content)
        _write_through(temporary / MANIFEST, json.dumps(new).encode())
        _flush(temporary)
        number = int(before.name) + 1 if before else 1
        temporary.rename(self.folder / str(number))
        _flush(self.folder)
        self.clean()
        return Written(changed=True, new_bytes=new_bytes, total_bytes=total)


def digests_of(snapshot: Path | None) -> dict[str, str]:
    """Return the manifest of a snapshot, empty where there is none."""
    if snapshot is None:
        return {}
    try:
        manifest: dict[str, str] = json.loads((snapshot / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise DamagedSnapshotError(f"{snapshot / MANIFEST} cannot be read: {error}") from error
    return manifest


def _path(snapshot: Path | None, name: str) -> Path:
    if snapshot is None:
        raise FileNotFoundError(name)
    return snapshot / f"{name}.json"


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
