"""Links as rows that can be kept, and read again here or elsewhere."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from hopcount_shared.times import to_iso
from links.domain.link import DEFAULT_REDIRECT_STATUS, Link

_FIELDS: Mapping[str, Callable[[Link], Any]] = {
    "id": lambda link: link.id,
    "originalUrl": lambda link: link.original_url,
    "createdAt": lambda link: to_iso(link.created_at),
    "expiresAt": lambda link: to_iso(link.expires_at) if link.expires_at else None,
    "redirectStatus": lambda link: link.redirect_status or DEFAULT_REDIRECT_STATUS,
    "maxAge": lambda link: link.max_age,
    "passQuery": lambda link: link.pass_query,
    "totalClicks": lambda link: link.total_clicks,
}

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ExportFormat(StrEnum):
    """How rows are written."""

    JSONL = "jsonl"
    CSV = "csv"


CONTENT_TYPES = {
    ExportFormat.JSONL: "application/jsonl; charset=utf-8",
    ExportFormat.CSV: "text/csv; charset=utf-8",
}

_EXAMPLE = {
    "id": "py-docs",
    "originalUrl": "https://docs.python.org/3/",
    "createdAt": "2026-11-22T15:26:58.123456Z",
    "expiresAt": None,
    "redirectStatus": 301,
    "maxAge": None,
    "passQuery": False,
    "totalClicks": 42,
}

CONTENT = {
    "application/jsonl": {"schema": {"type": "string", "examples": [json.dumps(_EXAMPLE) + "\n"]}},
    "text/csv": {
        "schema": {
            "type": "string",
            "examples": [
                ",".join(_FIELDS)
                + "\r\ndocs,https://docs.python.org/3/,2026-11-22T15:26:58.123456Z,,301,,false,42\r\n"
            ],
        },
    },
}
"""The same, for the OpenAPI document."""


def write_rows(links: Sequence[Link], export_format: ExportFormat, *, first: bool) -> str:
    """Write a page of links, one line each.

    Parameters
    ----------
    first
        Whether no page comes before it: then CSV begins with a line of names.
    """
    rows = [{name: read(link) for name, read in _FIELDS.items()} for link in links]
    if export_format is ExportFormat.JSONL:
        return "".join(json.dumps(row) + "\n" for row in rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if first:
        writer.writerow(_FIELDS)
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Return what a cell holds: `true` as in JSON, nothing for null, and no formula.

    Only an id can begin like a formula, with `-`. No id holds a `'`, so readers know what it is for.
    """
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
