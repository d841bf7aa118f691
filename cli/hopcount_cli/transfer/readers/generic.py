"""Any table of links: a CSV with names of columns, or a plain list of URLs, or two columns without names.

Names are taken in any order, case and spelling; the synonyms are those of the exports of Dub, Rebrandly,
Short.io, TinyURL, T.LY and spreadsheets. JSON lists of objects with such names are understood as well.
"""

import re
from collections.abc import Iterator
from typing import TextIO

from hopcount_cli.transfer.cells import is_protected, parse_code, split_short_url
from hopcount_cli.transfer.records import is_json, pick, read_records
from hopcount_cli.transfer.rows import Record, Unreadable, make_row
from hopcount_cli.transfer.tables import Fields, first_record, plain_name, read_table

TARGET = (
    *("longurl", "originalurl", "destinationurl", "targeturl", "fullurl", "redirecturl", "longlink"),
    *("destination", "target", "original", "redirectto", "url", "website", "address"),
)
CODE = (
    "shortcode",
    "code",
    "alias",
    "customalias",
    "slug",
    "backhalf",
    "custombackhalf",
    "slashtag",
    "keyword",
    "key",
)
SHORT = ("shorturl", "shortlink", "shortenedurl", "shortened", "short", "tinyurl", "link")
CREATED = (
    *("createdat", "created", "datecreated", "createddate", "creationdate", "createdon", "creationtime"),
    *("timestamp", "date"),
)
EXPIRES = (
    "expiresat",
    "expires",
    "expiration",
    "expirationdate",
    "expirydate",
    "expiry",
    "validuntil",
    "enddate",
)
CLICKS = (
    "totalclicks",
    "clicks",
    "clickcount",
    "clickscount",
    "visits",
    "visitcount",
    "visitscount",
    "hits",
    "views",
)

_WEB = re.compile(r"\s*https?://", re.IGNORECASE)
_SHORT = re.compile(r"\s*[\w-]+(\.[\w-]+)+/")


def read(text: TextIO) -> Iterator[Record]:
    """Yield the links of a table."""
    if is_json(text):
        records = read_records(text, ("links",), ("data",), ("items",), ("results",), ("urls",))
    else:
        cells = first_record(text)
        names = None if {plain_name(cell) for cell in cells} & {*TARGET, "link"} else _guess(cells)
        if names == []:
            yield Unreadable(
                1, "no column is named as one with URLs, for instance `url`", ", ".join(cells)[:80]
            )
            return
        records = read_table(text, names)
    for record in records:
        yield record if isinstance(record, Unreadable) else _row(*record)


def _guess(cells: list[str]) -> list[str]:
    """Name the columns of a table without names by what its first line holds; nothing if that is unclear."""
    urls = [index for index, cell in enumerate(cells) if _WEB.match(cell)]
    if len(cells) > 2 or not urls:
        return []
    if len(cells) == 1:
        return ["url"]
    target = urls[0] if len(urls) == 1 else int(len(cells[1]) >= len(cells[0]))
    other = cells[1 - target]
    names = ["shorturl" if _WEB.match(other) or _SHORT.match(other) else "code"]
    names.insert(target, "url")
    return names


def _row(line: int, fields: Fields) -> Record:
    # A column `link` holds the short URL beside one with the address, and the address where there is no such.
    names = TARGET if any(name in fields for name in TARGET) else ("link",)
    domain, from_url = split_short_url(pick(fields, *(name for name in SHORT if name not in names)))
    code = parse_code(pick(fields, *CODE))
    if code and "://" in code:
        domain, code = split_short_url(code)
    if is_protected(fields.get("password")):
        return Unreadable(line, "it is protected by a password", code or from_url or "")
    return make_row(
        line,
        pick(fields, *names),
        code=code or from_url,
        domain=parse_code(fields.get("domain")) or domain,
        created=pick(fields, *CREATED),
        expires=pick(fields, *EXPIRES),
        clicks=pick(fields, *CLICKS),
        lost={
            "titles": pick(fields, "title", "name", "description", "comments"),
            "tags": pick(fields, "tags", "tag", "labels"),
        },
    )
