"""How commands are found, and how whatever ends them is told."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import typer
from typer.core import TyperGroup
from typer.main import get_command

from hopcount_cli.console import tell
from hopcount_cli.errors import INTERRUPTED, REFUSED, SOME_FAILED, CommandError, UsageError


class Hopcount(TyperGroup):
    """All commands. Whatever goes wrong is one line on standard error and an exit code, never a traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001  as the class above has it
        windows_expand_args: bool = True,  # noqa: FBT001
        **extra: Any,
    ) -> Any:
        """Run the command line, and exit unless `standalone_mode` is off."""
        command = partial(
            super().main,
            args,
            prog_name,
            complete_var,
            windows_expand_args=windows_expand_args,
            standalone_mode=False,
            **extra,
        )
        if not standalone_mode:
            return command()
        try:
            sys.exit(_exit_code(command))
        except Exception as error:
            if os.environ.get("HOPCOUNT_DEBUG"):
                raise
            tell(f"a bug of hopcount: {type(error).__name__}: {error}; HOPCOUNT_DEBUG=1 shows where")
            sys.exit(REFUSED)


def _exit_code(command: Callable[[], Any]) -> int:
    try:
        ended = command()
        sys.stdout.flush()
    except CommandError as error:
        tell(error)
        return error.exit_code
    except typer.TyperException as error:
        _tell_usage(error)
        return REFUSED
    except typer.Abort as error:
        if isinstance(error.__context__, EOFError):
            tell("nobody answered: nothing was done")
            return SOME_FAILED
        ended = INTERRUPTED
    except BrokenPipeError:
        # Whoever read the results has seen enough. Python would complain when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED
    except OSError as error:
        tell(error)
        return REFUSED
    if ended == INTERRUPTED:
        tell("interrupted")
    return ended if isinstance(ended, int) else 0


def _tell_usage(error: typer.TyperException) -> None:
    """Tell what was not understood, and where the help is. Help that nothing asked for is printed already."""
    message = error.format_message().strip().rstrip(".")
    context = getattr(error, "ctx", None)
    if message:
        tell(f"{message} (see {context.command_path} --help)" if context else message)


class Operators(TyperGroup):
    """`hopcount ops`: loaded when it is asked for, and only where what it needs is installed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name its commands."""
        return _operators().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one of its commands."""
        return _operators().get_command(ctx, cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Show its help, or nothing of it where it is not installed."""
        _operators()
        super().format_help(ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run one of its commands."""
        _operators()
        from hopcount_cli.ops.failures import told_in_a_line  # noqa: PLC0415  it needs AWS libraries

        with told_in_a_line():
            return super().invoke(ctx)


def _operators() -> TyperGroup:
    try:
        from hopcount_cli.ops import ops  # noqa: PLC0415  it needs AWS libraries
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("hopcount_cli"):
            raise
        raise UsageError(
            "the operators' commands are not installed; in a clone of Hopcount's repository: "
            "uv tool install --force './cli[ops]'"
        ) from None
    return cast("TyperGroup", get_command(ops))
