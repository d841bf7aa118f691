r"""YOURLS: the API's JSON, the table `yourls_url` as CSV, and the CSV of the plugin Import Export.

JSON: `{"links": {"link_1": {"shorturl", "url", "title", "timestamp", "ip", "clicks"}, ...}}` of
`action=stats` (YOURLS/YOURLS, `yourls_api_stats` in `includes/functions-api.php`), or
`{"result": [{"keyword", ...}]}` of the plugin that Shlink's importer needs (shlinkio/shlink-importer,
`YourlsImporter.php`).

CSV: the table's columns `keyword,url,title,timestamp,ip,clicks`, with or without a line of names (MySQL's
`INTO OUTFILE` writes none), NULL as `\N`; the plugin's `source,target,hits` with `/keyword/`
(GautamGupta/YOURLS-Import-Export, `fileio/csv.php`).

Timestamps are `2014-03-01 12:34:56` without a zone, and are taken as UTC. Keywords may have 1 character.
Titles are full of HTML entities; Hopcount keeps none.
"""

from collections.abc import Iterator
from typing import TextIO

from hopcount_cli.transfer.cells import parse_code, split_short_url
from hopcount_cli.transfer.records import is_json, pick, read_records
from hopcount_cli.transfer.rows import Record, Unreadable, make_row
from hopcount_cli.transfer.tables import Fields, first_record, plain_name, read_table

MARKS = (frozenset({"shorturl", "url", "clicks"}), frozenset({"keyword", "url", "clicks"}))
COLUMNS = (frozenset({"keyword", "url"}), frozenset({"source", "target", "hits"}))

_TABLE = ["keyword", "url", "title", "timestamp", "ip", "clicks"]


def read(text: TextIO) -> Iterator[Record]:
    """Yield the links of an export."""
    if is_json(text) or not _is_bare(first_record(text)):
        records = read_records(text, ("links",), ("result",))
    else:
        records = read_table(text, _TABLE)
    for record in records:
        yield record if isinstance(record, Unreadable) else _row(*record)


def _is_bare(cells: list[str]) -> bool:
    """Say whether a table begins with a link already."""
    return len(cells) == len(_TABLE) and plain_name(cells[0]) != _TABLE[0] and "://" in cells[1]


def _row(line: int, fields: Fields) -> Record:
    domain, from_url = split_short_url(fields.get("shorturl"))
    return make_row(
        line,
        pick(fields, "url", "target"),
        code=parse_code(pick(fields, "keyword", "source")) or from_url,
        domain=domain,
        created=fields.get("timestamp"),
        clicks=pick(fields, "clicks", "hits"),
        lost={"titles": fields.get("title") not in {None, "", "\\N"}},
    )
