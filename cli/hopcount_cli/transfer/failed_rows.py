"""The file that `--failed` names: what was not imported, in Hopcount's own format, and why."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from hopcount_cli.errors import UsageError
from hopcount_cli.transfer.checks import Unkept
from hopcount_cli.transfer.rows import Row


class FailedRows:
    """Writes rows that an import reads again once they are mended. What could not be read is not there.

    Parameters
    ----------
    file
        Where to.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.count = 0

    def add(self, row: Row, why: str) -> None:
        """Write a row."""
        self._file.write(json.dumps({**row.to_export(), "problem": why}) + "\n")
        self._file.flush()  # an interrupted run has told what failed until then
        self.count += 1

    def add_unkept(self, unkept: Unkept) -> None:
        """Write a line that cannot be kept, if it is a link at all."""
        if unkept.row is not None:
            self.add(unkept.row, unkept.reason)


class NoFailedRows(FailedRows):
    """Nobody wants to have them."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, row: Row, why: str) -> None:
        """Forget a row."""


@contextmanager
def open_failed(path: Path) -> Iterator[FailedRows]:
    """Open the file anew; it is gone in the end if nothing failed.

    Raises
    ------
    hopcount_cli.errors.UsageError
        If it cannot be written.
    """
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    with file:
        rows = FailedRows(file)
        yield rows
    if not rows.count:
        path.unlink()
