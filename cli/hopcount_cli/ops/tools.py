"""What commands work with besides their options. A test gives others."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

import boto3
import typer
from botocore.config import Config
from rich.console import Console

from hopcount_shared.times import Clock, utc_now

Stage = Annotated[
    str,
    typer.Option(
        envvar="HOPCOUNT_STAGE",
        help="Which deployment, by the stage it was deployed as.",
        metavar="STAGE",
    ),
]
"""The option that every command has."""

DEFAULT_STAGE = "dev"

_WIDE = 240


def aws_client(service: str) -> Any:
    """Make an AWS client from the standard variables and files.

    Returns `Any`: the caller's annotation names the typed client.
    """
    config = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 5},
        max_pool_connections=25,
    )
    # boto3 knows AWS_DEFAULT_REGION only; every other SDK, and the Serverless CLI, AWS_REGION.
    region = os.environ.get("AWS_REGION") or None
    return boto3.client(cast("Any", service), region_name=region, config=config)


def _console() -> Console:
    # Whatever reads a pipe has no width that a table must fit.
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)


def _notes() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Tools:
    """AWS, time and the terminal.

    Parameters
    ----------
    client
        Makes a client of a service, by boto3's name for it.
    clock, wait
        The time, and how it is waited, in seconds.
    out, notes
        Where results go, and where progress and remarks do.
    """

    client: Callable[[str], Any] = aws_client
    clock: Clock = utc_now
    wait: Callable[[float], None] = time.sleep
    out: Console = field(default_factory=_console)
    notes: Console = field(default_factory=_notes)

    @classmethod
    def of(cls, context: typer.Context) -> "Tools":
        """Return what a command was given, or the real ones."""
        given = context.find_object(cls)
        return given or cls()

    def say(self, text: str) -> None:
        """Print a line of the result, as it is."""
        self.out.print(text, markup=False)

    def note(self, text: str) -> None:
        """Print a remark, as it is."""
        self.notes.print(text, markup=False)
