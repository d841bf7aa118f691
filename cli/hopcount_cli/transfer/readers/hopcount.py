"""Hopcount's own export: `GET /urls/export`, as JSON lines or as CSV. Everything in it is kept."""

import dataclasses
import json
from collections.abc import Iterator
from typing import TextIO

from hopcount_cli.transfer.cells import is_true, parse_code
from hopcount_cli.transfer.records import is_json
from hopcount_cli.transfer.rows import Record, Row, Unreadable, make_row
from hopcount_cli.transfer.tables import Fields, plain_name, read_table
from hopcount_cli.transfer.text import lines

MARKS = (frozenset({"originalUrl", "totalClicks"}), frozenset({"originalUrl", "passQuery"}))
COLUMNS = (frozenset({"id", "originalurl", "totalclicks"}),)


def read(text: TextIO) -> Iterator[Record]:
    """Yield the links of an export, or of a file that `--failed` wrote."""
    for record in _json_lines(text) if is_json(text) else read_table(text):
        yield record if isinstance(record, Unreadable) else _row(*record)


def _json_lines(text: TextIO) -> Iterator[tuple[int, Fields] | Unreadable]:
    """Yield a record for each line, so that a broken one breaks no other."""
    for number, line in enumerate(lines(text), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            item = None
        if isinstance(item, dict):
            yield number, {plain_name(name): value for name, value in item.items()}
        else:
            yield Unreadable(number, "it is no JSON object")


def _row(line: int, fields: Fields) -> Record:
    # In CSV an apostrophe keeps spreadsheets from running what begins with `-`; no code has one.
    row = make_row(
        line,
        fields.get("originalurl"),
        code=parse_code(str(fields.get("id") or "").lstrip("'")),
        created=fields.get("createdat"),
        expires=fields.get("expiresat"),
        clicks=fields.get("totalclicks"),
    )
    if not isinstance(row, Row):
        return row
    try:
        return dataclasses.replace(
            row,
            redirect_status=_number(fields.get("redirectstatus")),
            max_age=_number(fields.get("maxage")),
            pass_query=is_true(fields.get("passquery")),
        )
    except (TypeError, ValueError, OverflowError):
        return Unreadable(line, "its redirect status or maximal age is no number", row.code or "")


def _number(value: object) -> int | None:
    return None if value is None or value == "" else int(str(value))
