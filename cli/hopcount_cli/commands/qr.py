"""`hopcount qr`."""

import io
from pathlib import Path
from typing import Annotated

import typer

from hopcount_cli.codes import find_code
from hopcount_cli.commands.options import Code, Json
from hopcount_cli.console import note, print_json
from hopcount_cli.errors import UsageError
from hopcount_cli.session import connect

_KINDS = (".svg", ".png")


def qr(
    context: typer.Context,
    code: Code,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write an .svg or .png instead.")
    ] = None,
    scale: Annotated[int, typer.Option(min=1, max=100, help="Pixels of each square, in a file.")] = 8,
    as_json: Json = False,
) -> None:
    """Show the QR code of a link, or write it to a file.

    Examples: `hopcount qr docs`; `hopcount qr docs -o docs.svg`
    """
    if file is not None and file.suffix.lower() not in _KINDS:
        raise UsageError(f"--output: {str(file)!r} has to end with .svg or .png")
    if file is None and as_json:
        raise UsageError("--json needs --output: a drawing is for people")
    import segno  # noqa: PLC0415  it takes a while to import

    api = connect(context)
    short_url = str(api.link(find_code(api, code))["shortUrl"])
    drawing = segno.make(short_url, error="m", micro=False)
    if file is None:
        text = io.StringIO()
        drawing.terminal(text, compact=True)
        typer.echo(text.getvalue().rstrip("\n"))
        note(short_url)
        return
    drawing.save(str(file), scale=scale)
    if as_json:
        print_json({"url": short_url, "file": str(file)})
    else:
        note(f"{short_url} is in {file}.")
