"""The command line as a whole, and how it tells what went wrong."""

from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from typer.core import TyperGroup

from hopcount_cli.errors import CommandError
from hopcount_cli.ops import ops
from hopcount_shared.aws import error_code
from hopcount_shared.errors import HopcountError

FAILED = 2
"""The exit code of whatever could not be done at all."""


class OneLine(TyperGroup):
    """Tells an error in one line, without a traceback, and exits with 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ClientError as error:
            message = error.response.get("Error", {}).get("Message", "")
            _tell(f"AWS refused {error.operation_name}: {error_code(error)}: {message}")
        except BotoCoreError as error:
            _tell(f"AWS cannot be asked: {error}")
        except (CommandError, HopcountError) as error:
            _tell(str(error))
        raise typer.Exit(FAILED)


def _tell(message: str) -> None:
    Console(stderr=True).print(
        f"hopcount: {message}", style="red", markup=False, highlight=False, soft_wrap=True
    )


app = typer.Typer(
    name="hopcount",
    cls=OneLine,
    help="Short links whose counts can be proved.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(ops, name="ops")


@app.callback()
def hopcount() -> None:
    """Short links whose counts can be proved."""
