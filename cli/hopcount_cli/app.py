"""The command line as a whole."""

from collections.abc import Callable
from typing import Annotated

import typer

from hopcount_cli import __version__
from hopcount_cli.commands.account import login, logout, sign_up, who_am_i
from hopcount_cli.commands.links import edit, list_links, open_link, remove, restore
from hopcount_cli.commands.making import shorten
from hopcount_cli.commands.qr import qr
from hopcount_cli.commands.stats import stats
from hopcount_cli.commands.tokens import token
from hopcount_cli.groups import Hopcount, Operators
from hopcount_cli.session import URL_KEY
from hopcount_cli.transfer.export_command import export_links
from hopcount_cli.transfer.import_command import import_links

EPILOG = (
    "**Exit codes:** 0 done; 1 some of it failed; 2 not understood, or refused; 3 not signed in, or the "
    "session is over; 4 the service cannot be reached, or fails; 130 interrupted."
)

app = typer.Typer(
    name="hopcount",
    cls=Hopcount,
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_COMMANDS: dict[str, Callable[..., None]] = {
    "signup": sign_up,
    "login": login,
    "logout": logout,
    "whoami": who_am_i,
    "shorten": shorten,
    "ls": list_links,
    "open": open_link,
    "stats": stats,
    "edit": edit,
    "rm": remove,
    "restore": restore,
    "qr": qr,
    "import": import_links,
    "export": export_links,
}
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(token, name="token")
app.add_typer(
    typer.Typer(
        cls=Operators,
        help="For operators, with ordinary AWS credentials: watch, replay, prove, disable, back up.",
        no_args_is_help=True,
        rich_markup_mode="markdown",
    ),
    name="ops",
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  the option's value
    if wanted:
        typer.echo(f"hopcount {__version__}")
        raise typer.Exit


@app.callback()
def hopcount(
    context: typer.Context,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Which Hopcount; else HOPCOUNT_URL, else where you last signed in."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Short links whose counts can be proved."""
    context.meta[URL_KEY] = url
