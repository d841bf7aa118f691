"""`hopcount import`: links from other shorteners, with their codes and their clicks."""

import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from hopcount_cli.commands.options import Json, Yes
from hopcount_cli.console import in_terminal, note, print_json, safe, say
from hopcount_cli.errors import SOME_FAILED, UsageError, describe
from hopcount_cli.session import connect
from hopcount_cli.transfer.checks import Checker, Unkept
from hopcount_cli.transfer.failed_rows import FailedRows, NoFailedRows, open_failed
from hopcount_cli.transfer.plan import Plan, make_plan
from hopcount_cli.transfer.progress import Progress, shown
from hopcount_cli.transfer.readers import FORMATS, detect
from hopcount_cli.transfer.rows import Row
from hopcount_cli.transfer.sending import CHUNK, Bulk, StoppedError, chunk_key, chunks, send_chunk
from hopcount_cli.transfer.text import open_text


class FormatName(StrEnum):
    """The values of `--from`: the names of `FORMATS`."""

    csv = "csv"
    bitly = "bitly"
    yourls = "yourls"
    shlink = "shlink"
    kutt = "kutt"
    hopcount = "hopcount"


_TOLD = 20
"""Failed rows that are told one by one."""


@dataclass
class Outcome:
    """What an import did.

    Parameters
    ----------
    created, existing
        Links made now, and such as were there already.
    problems
        Why rows failed, and how many each time.
    """

    created: int = 0
    existing: int = 0
    problems: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        """How many rows the service refused."""
        return self.problems.total()


def import_links(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="What another shortener exported; `-`: standard input.")
    ],
    source: Annotated[
        FormatName | None, typer.Option("--from", help="What wrote it; found out if you do not say.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    yes: Yes = False,
    failed: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where to write what was not imported, to be mended and fed again."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Import links with their codes, times and clicks. Repeat it as you like: nothing is made twice."""
    _check_options(file, failed, agreed=dry_run or yes)
    api = None if dry_run else connect(context)
    with open_text(file, sys.stdin.buffer) as text:
        name = str(source) if source else detect(text)
        plan = make_plan(FORMATS[name].label, _checked(text, name))
        _show_plan(plan, is_result=dry_run, as_json=as_json)
        if api and plan.links and not (yes or _agreed(plan, api.base_url)):
            note("Nothing was imported.")
            raise typer.Exit
        outcome = Outcome()
        with _opened(failed) as rows:
            if api is not None:
                outcome = send_all(api, _checked(text, name), plan.links, rows)
            elif failed is not None:
                deque(_kept(_checked(text, name), rows), maxlen=0)
    if api is not None:
        _show_outcome(outcome, plan, as_json=as_json)
    if outcome.failed or plan.unkept_count:
        raise typer.Exit(SOME_FAILED)


def _check_options(file: str, failed: Path | None, *, agreed: bool) -> None:
    """Refuse what nobody can agree to, and what would destroy the file before it is read."""
    if not agreed and not in_terminal():
        raise UsageError("there is no terminal to ask in: say --dry-run to see what would be done, or --yes")
    if failed and failed.exists() and file != "-" and Path(file).exists() and failed.samefile(file):
        raise UsageError("--failed would overwrite the file that is read: name another")


def _agreed(plan: Plan, base_url: str) -> bool:
    return typer.confirm(f"Make {plan.links:,} links at {base_url}?", err=True)


def send_all(
    api: Bulk,
    checked: Iterator[Row | Unkept],
    total: int,
    rows: FailedRows,
    show: Callable[..., Any] = shown,
) -> Outcome:
    """Send every row that can be kept.

    Raises
    ------
    hopcount_cli.transfer.sending.StoppedError
        If somebody pressed Ctrl-C.
    hopcount_cli.errors.CommandError
        If the service cannot go on.
    """
    outcome = Outcome()
    with show("importing", total) as progress:
        try:
            for number, chunk in enumerate(chunks(_kept(checked, rows), CHUNK)):
                bodies = [row.to_body() for row in chunk]
                results = send_chunk(api, bodies, chunk_key(number, bodies), progress.pause)
                for row, result in zip(chunk, results, strict=True):
                    _count(outcome, row, result, rows, progress)
                progress.advance(len(chunk))
        except KeyboardInterrupt:
            message = (
                f"stopped: {progress.done:,} of {total:,} links are done, {outcome.created:,} made now; the "
                "same command again goes on, and makes nothing twice"
            )
            raise StoppedError(message) from None
    return outcome


def _checked(text: TextIO, name: str) -> Iterator[Row | Unkept]:
    """Read the file from its start."""
    text.seek(0)
    with Checker(datetime.now(UTC)) as checker:
        yield from checker.check(FORMATS[name].read(text))


def _kept(checked: Iterator[Row | Unkept], rows: FailedRows) -> Iterator[Row]:
    for one in checked:
        if isinstance(one, Unkept):
            rows.add_unkept(one)
        else:
            yield one


def _count(outcome: Outcome, row: Row, result: dict[str, Any], rows: FailedRows, progress: Progress) -> None:
    if result["status"] == "created":
        outcome.created += 1
    elif result["status"] == "existing":
        outcome.existing += 1
    else:
        why = describe(result.get("problem") or {})
        outcome.problems[why] += 1
        rows.add(row, why)
        if outcome.failed <= _TOLD:
            progress.tell(f"line {row.line:,}, {row.code or row.target}: {why}")


@contextmanager
def _opened(path: Path | None) -> Iterator[FailedRows]:
    if path is None:
        yield NoFailedRows()
        return
    with open_failed(path) as rows:
        yield rows
    if rows.count:
        note(f"{rows.count:,} rows that were not imported are in {path}: mend them, and import that file.")


def _show_plan(plan: Plan, *, is_result: bool, as_json: bool) -> None:
    """Tell what would be done: as the result of a dry run, or before somebody is asked."""
    if is_result and as_json:
        print_json(plan.to_json())
        return
    for line in plan.to_lines(examples=None) if is_result else plan.to_lines():
        (say if is_result else note)(line)


def _show_outcome(outcome: Outcome, plan: Plan, *, as_json: bool) -> None:
    if as_json:
        counts = {"created": outcome.created, "existing": outcome.existing, "failed": outcome.failed}
        print_json({**plan.to_json(), **counts, "problems": dict(outcome.problems)})
        return
    for why, count in outcome.problems.most_common() if outcome.failed > _TOLD else ():
        note(f"  {count:,}: {safe(why)}")
    parts = [f"{outcome.created:,} links made", f"{outcome.existing:,} were there already"]
    if outcome.failed or plan.unkept_count:
        parts += [f"{outcome.failed:,} failed", f"{plan.unkept_count:,} could not be kept"]
    say(", ".join(parts))
