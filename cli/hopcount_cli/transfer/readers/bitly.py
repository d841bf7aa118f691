"""Bitly: the API's JSON, and the CSV that the web application exports.

JSON: pages `{"links": [...], "pagination": {...}}` of `GET /v4/groups/{group_guid}/bitlinks` (dev.bitly.com,
getBitlinksByGroup): `id`, `link`, `long_url`, `created_at` (`2026-01-01T00:00:00+0000`), `custom_bitlinks`,
`archived`, `tags`, `deeplinks`. It says no clicks.

CSV: the columns have had several names over the years: Link, Custom Link and Destination URL (URLR/urlr-docs,
`migration/bitly.md`), Bitlink and Long URL with Created and Total Clicks in other importers' samples. Any of
them is understood.

A link with custom back-halves answers to each of them and to its own name: each becomes a link, the first of
them with the clicks.
"""

import re
from collections.abc import Iterator
from typing import TextIO

from hopcount_cli.transfer.cells import is_true, split_short_url
from hopcount_cli.transfer.records import pick, read_records
from hopcount_cli.transfer.rows import Record, Unreadable, make_row
from hopcount_cli.transfer.tables import Fields

MARKS = (frozenset({"long_url"}),)
COLUMNS = (
    frozenset({"bitlink", "longurl"}),
    frozenset({"bitlink", "destinationurl"}),
    frozenset({"link", "customlink"}),
    frozenset({"link", "longurl"}),
    frozenset({"link", "destinationurl"}),
)

_OWN = ("link", "bitlink", "shortlink", "shorturl", "id")
_CUSTOM = ("custombitlinks", "custombitlink", "customlinks", "customlink", "custombackhalf")
_TARGET = ("longurl", "destinationurl", "destination", "originalurl")
_CREATED = ("createdat", "created", "createddate", "datecreated", "creationdate")
_CLICKS = ("totalclicks", "clicks", "totalengagements", "engagements")


def read(text: TextIO) -> Iterator[Record]:
    """Yield the links of an export, one for each name that a link answers to."""
    for record in read_records(text, ("links",)):
        if isinstance(record, Unreadable):
            yield record
        else:
            yield from _rows(*record)


def _rows(line: int, fields: Fields) -> Iterator[Record]:
    if is_true(fields.get("isdeleted")):
        yield Unreadable(line, "it is deleted", str(pick(fields, *_OWN) or ""))
        return
    clicks = pick(fields, *_CLICKS)
    for domain, code in _names(fields):
        yield make_row(
            line,
            pick(fields, *_TARGET),
            code=code,
            domain=domain,
            created=pick(fields, *_CREATED),
            clicks=clicks,
            lost={
                "titles": fields.get("title"),
                "tags": fields.get("tags"),
                "app links": fields.get("deeplinks"),
                "archive marks": is_true(fields.get("archived")),
            },
        )
        clicks = None


def _names(fields: Fields) -> list[tuple[str | None, str | None]]:
    """Return what a link answers to, custom names first, each once."""
    custom = pick(fields, *_CUSTOM)
    customs = custom if isinstance(custom, list) else re.split(r"[\s,;|]+", str(custom or ""))
    names = [split_short_url(name) for name in [*customs, pick(fields, *_OWN)] if name]
    return list(dict.fromkeys(name for name in names if name[1])) or [(None, None)]
