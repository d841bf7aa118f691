"""`hopcount export`: every live link, in a file that `hopcount import` reads."""

import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from hopcount_cli.commands.options import Json
from hopcount_cli.console import note, print_json
from hopcount_cli.errors import UsageError
from hopcount_cli.session import connect
from hopcount_cli.transfer.progress import shown

COLUMNS = (
    *("id", "originalUrl", "createdAt", "expiresAt"),
    *("redirectStatus", "maxAge", "passQuery", "totalClicks"),
)


class ExportFormat(StrEnum):
    """How links are written."""

    jsonl = "jsonl"
    csv = "csv"


def export_links(
    context: typer.Context,
    written_as: Annotated[ExportFormat, typer.Option("--format", help="How.")] = ExportFormat.jsonl,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; else standard output.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Export every live link with its clicks; another Hopcount imports the file as it is."""
    if as_json and output is None and written_as is ExportFormat.csv:
        raise UsageError("--json and --format csv contradict each other: with -o FILE they do not")
    api = connect(context)
    with _opened(output) as file, shown("exporting", None) as progress:
        count = 0
        for line in write_links(api.export(), written_as):
            file.write(line)
            count += 1
            if count % 1000 == 0:
                progress.advance(1000)
    if output is not None:
        links = count - (written_as is ExportFormat.csv)
        note(f"{links:,} links are in {output}.")
        if as_json:
            print_json({"file": str(output), "links": links})


def write_links(links: Iterator[Mapping[str, Any]], written_as: ExportFormat) -> Iterator[str]:
    """Yield a line for each link, and before them the names of the columns if it is CSV."""
    if written_as is ExportFormat.jsonl:
        for link in links:
            yield json.dumps(link, ensure_ascii=False) + "\n"
        return
    yield _csv_line(COLUMNS)
    for link in links:
        yield _csv_line([_cell(link.get(name)) for name in COLUMNS])


def _csv_line(cells: object) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)  # type: ignore[arg-type]
    return text.getvalue()


def _cell(value: object) -> str:
    """Write a value so that no spreadsheet runs it: an apostrophe goes before what could be a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    """Open a file that appears only when it is whole, or standard output."""
    if path is None:
        yield sys.stdout
        return
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    try:
        with open(number, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123  it is a descriptor
            yield file
        os.chmod(name, 0o666 & ~_umask())  # noqa: PTH101
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
