"""CSV as programs and spreadsheets write it: any delimiter, any order and spelling of columns."""

import csv
import re
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from hopcount_cli.transfer.rows import Unreadable
from hopcount_cli.transfer.text import lines

Fields = Mapping[str, Any]
"""One record: what it says, by column; a column is named in small letters and digits alone (`longurl`)."""

_HEAD = 65_536
_DELIMITERS = ",;\t|"


def plain_name(name: object) -> str:
    """Return a column's name without case, blanks and signs: `Long URL`, `long_url` and `longUrl` are one."""
    return re.sub(r"[\W_]+", "", str(name).lower())


def first_record(text: TextIO) -> list[str]:
    """Return the cells of the first line that is not blank, and go back to the start."""
    try:
        return next((cells for _, cells in _cells(text) if isinstance(cells, list)), [])
    finally:
        text.seek(0)


def read_table(text: TextIO, names: list[str] | None = None) -> Iterator[tuple[int, Fields] | Unreadable]:
    """Yield each record with the line on which it starts.

    Parameters
    ----------
    text
        The file.
    names
        The columns' names, where the file does not begin with them.
    """
    for line, cells in _cells(text):
        if isinstance(cells, Unreadable):
            yield cells
        elif names is None:
            names = [plain_name(cell) for cell in cells]
        elif len(cells) > len(names) and any(cells[len(names) :]):
            yield Unreadable(
                line, "it has more cells than there are columns", f"{len(cells)} for {len(names)}"
            )
        else:
            fields: dict[str, str] = {}
            for name, cell in zip(names, cells, strict=False):
                fields[name] = fields.get(name) or cell
            yield line, fields


def _cells(text: TextIO) -> Iterator[tuple[int, list[str] | Unreadable]]:
    """Yield the cells of each record that is not blank."""
    delimiter = _delimiter(text)
    reader = csv.reader(lines(text), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, Unreadable(line, "it cannot be read as CSV")
            continue
        is_hint = line == 1 and cells == ["sep=", ""]
        if any(cell.strip() for cell in cells) and not is_hint:
            yield line, cells


def _delimiter(text: TextIO) -> str:
    """Return what separates cells: the sign that the first line has most of, outside of quotes."""
    head = text.read(_HEAD).lstrip("\r\n")
    text.seek(0)
    line = re.sub(r'"[^"]*"', "", head).lstrip().split("\n", 1)[0]
    if line.lower().startswith("sep=") and len(line.strip()) == 5:
        return line.strip()[4]
    # A line that is one URL has no delimiter, whatever signs the URL has.
    if re.fullmatch(r"https?://\S+", line.strip()) and not re.search(r"[,;\t|]\s*(https?:|\w+\s*$)", line):
        return ","
    return max(_DELIMITERS, key=line.count)
