"""Shlink: the web client's CSV, and the REST API's JSON.

CSV: `createdAt,domain,shortCode,shortUrl,longUrl,title,tags,visits`, tags separated by `|`, from the web
client's button "Export" (shlinkio/shlink-web-component, `src/short-urls/helpers/ExportShortUrlsBtn.tsx`). The
columns of `shlink short-url:list` (shlinkio/shlink, `ListShortUrlsCommand.php` in `module/CLI`), which prints
a table and no CSV, are understood too.

JSON: pages `{"shortUrls": {"data": [...]}}` of `GET /rest/v3/short-urls` (the OpenAPI document in
shlinkio/shlink-open-api-specs): `visitsSummary.total`, in older versions `visitsCount`; `meta.validUntil`;
`domain` is null on the default one; `forwardQuery` is Hopcount's `passQuery`.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from hopcount_cli.transfer.cells import is_true, parse_code, split_short_url
from hopcount_cli.transfer.records import pick, read_records
from hopcount_cli.transfer.rows import Record, Row, Unreadable, make_row
from hopcount_cli.transfer.tables import Fields

MARKS = (frozenset({"shortCode", "longUrl"}),)
COLUMNS = (frozenset({"shortcode", "longurl", "visits"}), frozenset({"shortcode", "longurl", "visitscount"}))


def read(text: TextIO) -> Iterator[Record]:
    """Yield the links of an export."""
    for record in read_records(text, ("shortUrls", "data"), ("data",)):
        yield record if isinstance(record, Unreadable) else _row(*record)


def _row(line: int, fields: Fields) -> Record:
    domain, from_url = split_short_url(fields.get("shorturl"))
    meta = _object(fields.get("meta"))
    row = make_row(
        line,
        fields.get("longurl"),
        code=parse_code(fields.get("shortcode")) or from_url,
        domain=str(fields.get("domain") or "") or domain,
        created=pick(fields, "datecreated", "createdat"),
        expires=meta.get("validUntil"),
        clicks=_visits(fields),
        lost={
            "titles": fields.get("title"),
            "tags": fields.get("tags"),
            "start times": meta.get("validSince"),
            "visit limits": meta.get("maxVisits"),
            "redirect rules": fields.get("hasredirectrules")
            or any(_object(fields.get("devicelongurls")).values()),
        },
    )
    if isinstance(row, Row) and is_true(fields.get("forwardquery")):
        return dataclasses.replace(row, pass_query=True)
    return row


def _visits(fields: Fields) -> object:
    summary = _object(fields.get("visitssummary"))
    return summary.get("total", pick(fields, "visitscount", "visits"))


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
