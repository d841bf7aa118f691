"""A whole list of URLs to short links: `hopcount shorten -`."""

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from hopcount_cli.console import safe
from hopcount_cli.errors import describe
from hopcount_cli.transfer.checks import LONGEST_TARGET
from hopcount_cli.transfer.progress import Progress, shown
from hopcount_cli.transfer.sending import CHUNK, Bulk, StoppedError, chunk_key, chunks, send_chunk
from hopcount_cli.transfer.text import lines as bounded


@dataclass(frozen=True)
class Counts:
    """How it went.

    Parameters
    ----------
    made
        URLs that have a short link now, whether this run made it or an earlier one.
    failed
        URLs that have none.
    """

    made: int
    failed: int


def read_urls(lines: Iterable[str]) -> Iterator[str]:
    """Yield the URLs of a list: one on a line; blank lines and those that begin with `#` are skipped."""
    for line in lines:
        text = line.strip("\ufeff \t\r\n")
        if text and not text.startswith("#"):
            yield text


def shorten_many(
    api: Bulk,
    lines: TextIO,
    *,
    as_json: bool = False,
    options: Mapping[str, Any] | None = None,
    out: TextIO | None = None,
    show: Callable[..., Any] = shown,
) -> Counts:
    """Shorten every URL of a list and print the short links in its order, a chunk at a time.

    The same list given again within a day gives the same links: whatever interrupted a run, run it again.

    Parameters
    ----------
    api
        Who makes links.
    lines
        The list, for instance standard input.
    as_json
        Print a JSON object for each URL: `originalUrl` and `shortUrl`, or `problem`.
        Otherwise the short link, and an empty line where there is none, with the reason on standard error.
    options
        What each link is to be beside its URL: fields of `POST /urls`.
    out
        Where the links go: standard output if nothing is said.

    Raises
    ------
    hopcount_cli.transfer.sending.StoppedError
        If somebody pressed Ctrl-C.
    hopcount_cli.errors.CommandError
        If the service cannot go on.
    """
    if isinstance(lines, io.TextIOWrapper):
        lines.reconfigure(errors="surrogateescape")  # a line that is no UTF-8 fails alone
    total = _count(lines)
    with show("shortening", total) as progress:
        printer = _Printer(out or sys.stdout, progress, as_json=as_json)
        try:
            return _run(api, bounded(lines), options or {}, printer, progress)
        except KeyboardInterrupt:
            known = f" of {total:,}" if total is not None else ""
            message = (
                f"stopped: {progress.done:,}{known} URLs are shortened and printed; the same list again, "
                "within a day, gives the same links and goes on"
            )
            raise StoppedError(message) from None


def _run(
    api: Bulk, lines: Iterable[str], options: Mapping[str, Any], printer: "_Printer", progress: Progress
) -> Counts:
    made = failed = 0
    for number, urls in enumerate(chunks(read_urls(lines), CHUNK)):
        bodies = [{"originalUrl": _sendable(url), **options} for url in urls]
        results = send_chunk(api, bodies, chunk_key(number, bodies), progress.pause)
        printer.print_chunk(number * CHUNK, urls, results)
        good = sum(result["status"] != "failed" for result in results)
        made, failed = made + good, failed + len(urls) - good
        progress.advance(len(urls))
    return Counts(made, failed)


def _sendable(url: str) -> str:
    """Return a URL so that it can be sent; what is changed here the service refuses, and says why."""
    return url[: LONGEST_TARGET + 1].encode("utf-8", "backslashreplace").decode()


class _Printer:
    def __init__(self, out: TextIO, progress: Progress, *, as_json: bool) -> None:
        self._out = out
        self._progress = progress
        self._as_json = as_json

    def print_chunk(self, before: int, urls: Sequence[str], results: Sequence[Mapping[str, Any]]) -> None:
        """Print a chunk's links at once, and have them written."""
        written = [
            self._line(before + place, url, result)
            for place, (url, result) in enumerate(zip(urls, results, strict=True), 1)
        ]
        self._out.write("".join(f"{line}\n" for line in written))
        self._out.flush()

    def _line(self, place: int, url: str, result: Mapping[str, Any]) -> str:
        if result["status"] != "failed":
            short = str(result["link"]["shortUrl"])
            return json.dumps({"originalUrl": url, "shortUrl": short}) if self._as_json else safe(short)
        problem = result.get("problem") or {}
        if self._as_json:
            return json.dumps({"originalUrl": url, "problem": problem})
        self._progress.tell(f"URL {place}, {url:.100}: {describe(problem)}")
        return ""


def _count(lines: TextIO) -> int | None:
    """Count the URLs beforehand, where the list is a file that can be read again."""
    if not lines.seekable():
        return None
    start = lines.tell()
    number = sum(1 for _ in read_urls(bounded(lines)))
    lines.seek(start)
    return number
