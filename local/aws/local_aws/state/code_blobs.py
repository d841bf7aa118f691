"""Function code on disk: hashed and written once per deployment, not once per snapshot."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ministack.services import lambda_svc


class CodeBlobs:
    """Knows the digest of each code archive in memory, and keeps the folder of archives.

    The emulator hashes every function's archive each time it saves. A digest found here spares that; the
    archive itself is kept beside it, so that its identity in memory stays good.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[int, tuple[bytes, str]] = {}

    def prepare(self) -> None:
        """Hash and write archives that came since the last time, and forget those that went."""
        known = {}
        for code in _archives():
            found = self._known.get(id(code))
            known[id(code)] = found or (code, self._store(code))
        self._known = known

    def digest(self, code: bytes) -> str:
        """Return the archive's digest; one that came just now is written first."""
        found = self._known.get(id(code))
        return found[1] if found else self._store(code)

    def prune(self) -> None:
        """Remove archives that no function has. Only safe while no snapshot names them: after a restore."""
        self.prepare()
        wanted = {digest for _code, digest in self._known.values()}
        for path in self._folder.glob("*"):
            if path.stem not in wanted or path.suffix != ".zip":
                path.unlink()

    def _store(self, code: bytes) -> str:
        digest = hashlib.sha256(code).hexdigest()
        path = self._folder / f"{digest}.zip"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}")
            with temporary.open("wb") as file:
                file.write(code)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(path)
        return digest


def _archives() -> Iterator[bytes]:
    for function in list(lambda_svc._functions._data.values()):
        records: list[Any] = [function, *list((function.get("versions") or {}).values())]
        for record in records:
            if isinstance(record.get("code_zip"), bytes):
                yield record["code_zip"]
