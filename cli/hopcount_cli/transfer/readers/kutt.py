"""Kutt: the API's JSON, and its table `links` as CSV.

JSON: pages `{"limit", "skip", "total", "data": [...]}` of `GET /api/v2/links` (thedevs-network/kutt,
`server/handlers/links.handler.js`; `sanitize.link` in `server/utils/utils.js`): `password` says only whether
there is one.

CSV: Kutt has no export of its own; this is its table as a database writes it (`server/models/link.model.js`):
`address,description,banned,domain_id,password,expire_in,target,visit_count,created_at`, flags as `t`/`f` or
1/0, the password as a hash, times in UTC, without a zone where the database is SQLite or MySQL.
"""

from collections.abc import Iterator
from typing import TextIO

from hopcount_cli.transfer.cells import is_protected, is_true, parse_code
from hopcount_cli.transfer.records import read_records
from hopcount_cli.transfer.rows import Record, Unreadable, make_row
from hopcount_cli.transfer.tables import Fields

MARKS = (frozenset({"address", "target"}),)
COLUMNS = (frozenset({"address", "target"}),)


def read(text: TextIO) -> Iterator[Record]:
    """Yield the links of an export; those with a password and those that were banned are told, not made."""
    for record in read_records(text, ("data",)):
        yield record if isinstance(record, Unreadable) else _row(*record)


def _row(line: int, fields: Fields) -> Record:
    code = parse_code(fields.get("address"))
    if is_true(fields.get("banned")):
        return Unreadable(line, "it is banned", code or "")
    if is_protected(fields.get("password")):
        return Unreadable(line, "it is protected by a password", code or "")
    return make_row(
        line,
        fields.get("target"),
        code=code,
        domain=_domain(fields),
        created=fields.get("createdat"),
        expires=fields.get("expirein"),
        clicks=fields.get("visitcount"),
        lost={"descriptions": _said(fields.get("description"))},
    )


def _domain(fields: Fields) -> str | None:
    number = _said(fields.get("domainid"))
    return _said(fields.get("domain")) or (f"domain {number}" if number else None)


def _said(value: object) -> str | None:
    text = str(value if value is not None else "").strip()
    return None if text in {"", "\\N", "NULL"} else text
