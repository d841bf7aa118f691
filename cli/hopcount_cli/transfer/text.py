"""Files as text, in whatever encoding they come, and never more of them in memory than a piece."""

import io
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from hopcount_cli.errors import UsageError

LONGEST_LINE = 1_000_000
"""Characters; a longer line is read in pieces, none of which will make sense."""


@contextmanager
def open_text(name: str, stdin: BinaryIO) -> Iterator[TextIO]:
    """Open a file, or `-` for standard input, as text that can be read more than once (`seek(0)`).

    Raises
    ------
    UsageError
        If there is no such file, or it may not be read.
    """
    if name == "-":
        with _copy(stdin) as copy:
            yield decode(copy)
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115  # closed below; only opening it may fail this way
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from None
    with file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            yield decode(file)
        else:
            with _copy(file) as copy:
                yield decode(copy)


def decode(file: BinaryIO) -> TextIO:
    """Read a file as UTF-8 or, where it says or shows so, UTF-16; what is no UTF-8 comes as surrogates."""
    start = file.read(4)
    file.seek(0)
    encoding, errors = _encoding(start), "surrogateescape"
    if encoding.startswith("utf-16"):
        errors = "replace"
    return io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")


def _encoding(start: bytes) -> str:
    if start.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(start) == 4 and start[1::2] == b"\0\0" and b"\0" not in start[::2]:
        return "utf-16-le"
    if len(start) == 4 and start[::2] == b"\0\0" and b"\0" not in start[1::2]:
        return "utf-16-be"
    return "utf-8"


def lines(text: TextIO) -> Iterator[str]:
    """Yield lines with their ends; one that is far too long comes in pieces."""
    while line := text.readline(LONGEST_LINE):
        yield line


@contextmanager
def _copy(file: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        yield cast("BinaryIO", copy)
