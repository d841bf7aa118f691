"""What other shorteners export, as rows: a module each, pure, and how to tell them apart.

A reader takes a text that can be read again (`seek(0)`) and yields a `Row` for each link and an `Unreadable`
for each line that is none; whatever it is given, it raises nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

from hopcount_cli.transfer.readers import bitly, generic, hopcount, kutt, shlink, yourls
from hopcount_cli.transfer.records import is_json
from hopcount_cli.transfer.rows import Record
from hopcount_cli.transfer.tables import first_record, plain_name

_HEAD = 65_536


@dataclass(frozen=True)
class Format:
    """A shortener's exports.

    Parameters
    ----------
    label
        What people call it.
    read
        Yields rows.
    marks
        Member names of which its JSON has all of one set.
    columns
        Column names of which its tables have all of one set.
    """

    label: str
    read: Callable[[TextIO], Iterator[Record]]
    marks: tuple[frozenset[str], ...] = ()
    columns: tuple[frozenset[str], ...] = ()


FORMATS: Mapping[str, Format] = {
    "hopcount": Format("Hopcount", hopcount.read, hopcount.MARKS, hopcount.COLUMNS),
    "shlink": Format("Shlink", shlink.read, shlink.MARKS, shlink.COLUMNS),
    "kutt": Format("Kutt", kutt.read, kutt.MARKS, kutt.COLUMNS),
    "yourls": Format("YOURLS", yourls.read, yourls.MARKS, yourls.COLUMNS),
    "bitly": Format("Bitly", bitly.read, bitly.MARKS, bitly.COLUMNS),
    "csv": Format("a table of links", generic.read),
}
"""In the order in which they are tried: the most telling first."""


def detect(text: TextIO) -> str:
    """Return the name of the format that a file most likely has, and go back to its start."""
    if is_json(text):
        head = text.read(_HEAD)
        text.seek(0)
        return next(
            (
                name
                for name, format_ in FORMATS.items()
                for marks in format_.marks
                if all(f'"{mark}"' in head for mark in marks)
            ),
            "csv",
        )
    columns = {plain_name(cell) for cell in first_record(text)}
    return next(
        (name for name, format_ in FORMATS.items() for needed in format_.columns if needed <= columns), "csv"
    )
