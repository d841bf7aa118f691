"""What of a file cannot be kept, and why: told before anything is sent.

The service has the last word; these are its rules as far as they can be told without asking it.
"""

import dataclasses
import re
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import TracebackType
from urllib.parse import urlsplit

from hopcount_cli.reserved import RESERVED
from hopcount_cli.transfer.rows import Record, Row, Unreadable

LONGEST_TARGET = 2_048
LONGEST_CODE = 64
_NOT_THE_WEB = "it leads to an app or a mailbox, not to the web"


@dataclasses.dataclass(frozen=True, slots=True)
class Unkept:
    """A line of a file that becomes no link.

    Parameters
    ----------
    line
        Where.
    reason
        Why: the same words for each line of the same kind.
    detail
        What it is about.
    row
        The link, where it could be read.
    """

    line: int
    reason: str
    detail: str
    row: Row | None = None


class Checker:
    """Says of each line of a file whether it can be kept; remembers the codes it has seen, on disk.

    Parameters
    ----------
    now
        What has expired by then is not kept.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._seen = sqlite3.connect("", isolation_level=None)  # in a file of its own, gone when it is closed
        self._seen.execute("PRAGMA synchronous = OFF")
        self._seen.execute("PRAGMA journal_mode = OFF")
        self._seen.execute(
            "CREATE TABLE seen (code TEXT PRIMARY KEY, line INT, target TEXT, domain TEXT) WITHOUT ROWID"
        )
        self._seen.execute("BEGIN")  # one that nobody ends: a transaction for each row takes its time

    def __enter__(self) -> "Checker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._seen.close()

    def check(self, records: Iterable[Record]) -> Iterator[Row | Unkept]:
        """Yield each record again, as a row that can be sent or as one that cannot be kept."""
        for record in records:
            if isinstance(record, Unreadable):
                yield Unkept(record.line, record.reason, record.detail)
            elif reason := why_not(record, self._now) or self._repeated(record):
                yield Unkept(
                    record.line, reason, f"{record.code or ''} -> {record.target:.80}".strip(), record
                )
            else:
                yield self._without_future(record)

    def _without_future(self, row: Row) -> Row:
        """Drop a creation time that is still to come: a clock was wrong, or a zone was not written."""
        if row.created_at is None or row.created_at <= self._now:
            return row
        return dataclasses.replace(row, created_at=None, lost=(*row.lost, "creation times in the future"))

    def _repeated(self, row: Row) -> str | None:
        """Say why a code cannot be taken again; without a code every row is a link of its own."""
        if row.code is None:
            return None
        entry = (row.code, row.line, row.target, row.domain or "")
        try:
            self._seen.execute("INSERT INTO seen VALUES (?, ?, ?, ?)", entry)
        except sqlite3.IntegrityError:
            found = self._seen.execute("SELECT target, domain FROM seen WHERE code = ?", entry[:1]).fetchone()
            if found[0] == row.target:
                return "the same link stands further up in this file"
            if found[1] != entry[3]:
                return "another domain's link with the same code stands further up in this file"
            return "another link with the same code stands further up in this file"
        return None


def why_not(row: Row, now: datetime) -> str | None:
    """Say why a row cannot become a link, whatever else stands in the file; nothing if it can."""
    return target_problem(row.target) or code_problem(row.code) or _end_problem(row.expires_at, now)


def _end_problem(expires_at: datetime | None, now: datetime) -> str | None:
    return "it has expired" if expires_at is not None and expires_at <= now else None


def code_problem(code: str | None) -> str | None:
    """Say why a code cannot be kept; nothing if it can, or there is none."""
    if code is None:
        return None
    if "/" in code:
        return "its code has a slash: codes here are one piece"
    if not re.fullmatch(r"[A-Za-z0-9_-]+", code):
        return "its code has other characters than letters, digits, `_` and `-`"
    if len(code) > LONGEST_CODE:
        return f"its code has more than {LONGEST_CODE} characters"
    return "its code is a reserved word" if code.lower() in RESERVED else None


def target_problem(target: str) -> str | None:
    """Say why an address cannot be led to; nothing if it can."""
    scheme, colon, _ = target.partition(":")
    if scheme.lower() not in {"http", "https"}:
        is_scheme = colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9+-]*", scheme)
        return _NOT_THE_WEB if is_scheme else "it does not begin with http:// or https://"
    if len(target) > LONGEST_TARGET:
        return f"its address has more than {LONGEST_TARGET:,} characters"
    if not target.isprintable() or " " in target or "\\" in target:
        return "its address has blanks, control characters or backslashes"
    try:
        host = urlsplit(target).netloc
    except ValueError:
        host = ""
    if "@" in host:
        return "its address has a user name or password"
    return None if host else "its address is no URL"
