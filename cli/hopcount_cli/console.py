"""The terminal: results on standard output, everything else on standard error, nothing that could harm it."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from hopcount_cli.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_HARMFUL = [
    *range(0x20),  # C0: escape sequences begin here
    *range(0x7F, 0xA0),  # delete, and C1, where they begin as well
    0x61C,
    *range(0x200E, 0x2010),
    *range(0x2028, 0x202F),  # line separators; text that runs backwards and so reads as another
    *range(0x2066, 0x206A),
    0xFEFF,
    *range(0xD800, 0xE000),  # half characters, which cannot be written at all
]
_FORMULA = frozenset("=+-@")
"""How text begins that a spreadsheet would compute."""

_VISIBLE = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _HARMFUL}
_IN_JSON = {code: f"\\u{code:04x}" for code in _HARMFUL if code >= 0x7F}


def safe(text: object) -> str:
    """Return text in which whatever a terminal would obey, or hide behind, is visible."""
    return str(text).translate(_VISIBLE)


def say(text: object) -> None:
    """Print a line of the result."""
    _write(sys.stdout, safe(text))


def note(text: object) -> None:
    """Print progress or a remark, to standard error."""
    _write(sys.stderr, safe(text))


def tell(problem: object) -> None:
    """Print what went wrong, to standard error: always one line, and the same beginning."""
    line = safe(" ".join(str(problem).split()))
    if sys.stderr.isatty():
        err().print(f"hopcount: {line}", style="red", markup=False, soft_wrap=True)
    else:
        _write(sys.stderr, f"hopcount: {line}")


def print_json(value: Any) -> None:
    """Print a value for programs. Nothing else may go to standard output beside it."""
    _write(sys.stdout, json.dumps(value, indent=2, ensure_ascii=False).translate(_IN_JSON))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()
) -> None:
    """Print rows: in a terminal as a table, into a pipe as tab-separated values without a heading.

    Parameters
    ----------
    columns, rows
        What there is.
    right
        Which columns hold numbers.
    """
    if not sys.stdout.isatty():
        for row in rows:
            _write(sys.stdout, "\t".join(safe(_plain(value)) for value in row))
        return
    out().print(table(columns, rows, right=right))


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows for spreadsheets, with a heading; no text becomes a formula."""
    import csv  # noqa: PLC0415

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> "Table":
    """Make a table for a terminal."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  most runs need no table
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(safe(_pretty(value)), overflow="fold") for value in row))
    return made


def out() -> "Console":
    """Return standard output, for what is drawn; it honours NO_COLOR and the terminal's width."""
    return _console(stderr=False)


def err() -> "Console":
    """Return standard error, for what is drawn."""
    return _console(stderr=True)


def in_terminal() -> bool:
    """Tell whether there is somebody who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def is_shown() -> bool:
    """Tell whether results go to a terminal, not into a pipe or a file."""
    return sys.stdout.isatty()


def ask(
    question: str, instead: str, *, hidden: bool = False, twice: bool = False, default: str | None = None
) -> str:
    """Ask somebody.

    Parameters
    ----------
    question
        What to ask.
    instead
        What to do where there is nobody to be asked, for instance `say --email`.
    hidden
        Whether what is typed must not be seen.
    twice
        Whether it is typed again, to be sure.
    default
        What nothing stands for, if nothing may be said.

    Raises
    ------
    hopcount_cli.errors.UsageError
        If there is nobody.
    """
    if not in_terminal():
        raise UsageError(f"{question.lower()} is needed, and there is no terminal to ask in: {instead}")
    answer = typer.prompt(
        question,
        default=default,
        show_default=False,
        hide_input=hidden,
        confirmation_prompt=twice,
        err=True,
    )
    return str(answer) if hidden else str(answer).strip()


def agree(question: str) -> bool:
    """Ask whether to go on; where there is nobody to be asked, it was meant."""
    return not in_terminal() or typer.confirm(safe(question), err=True)


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return _plain(value)
    text = safe(value)
    return f"'{text}" if text[:1] in _FORMULA else text


def _plain(value: object) -> object:
    return "" if value is None else value


def _pretty(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _write(stream: Any, line: str) -> None:
    stream.write(f"{line}\n")


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console  # noqa: PLC0415  it takes a while to import, and pipes need none

    return Console(stderr=stderr, highlight=False, emoji=False)
