"""An export's records, whether it is JSON or CSV."""

from collections.abc import Iterator, Sequence
from typing import TextIO

from hopcount_cli.transfer.json_items import BadJsonError, json_items
from hopcount_cli.transfer.rows import Unreadable
from hopcount_cli.transfer.tables import Fields, plain_name, read_table

_HEAD = 65_536


def is_json(text: TextIO) -> bool:
    """Say whether a file is JSON rather than a table, and go back to its start."""
    head = text.read(_HEAD).lstrip(" \t\r\n\ufeff")
    text.seek(0)
    return head.startswith(("{", "["))


def read_records(text: TextIO, *paths: Sequence[str]) -> Iterator[tuple[int, Fields] | Unreadable]:
    """Yield each record with its line, its names as `plain_name` writes them.

    Parameters
    ----------
    text
        The file.
    paths
        If it is JSON: where its links are, as `json_items` takes them.
    """
    if not is_json(text):
        yield from read_table(text)
        return
    try:
        for line, item in json_items(text, *paths):
            if isinstance(item, dict):
                yield line, {plain_name(name): value for name, value in item.items()}
            else:
                yield Unreadable(line, "it is no link")
    except BadJsonError as error:
        yield Unreadable(error.line, str(error))


def pick(fields: Fields, *names: str) -> object:
    """Return the first of some columns that says something."""
    return next((fields[name] for name in names if fields.get(name) not in (None, "")), None)
