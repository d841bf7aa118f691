"""`hopcount ops replay`: give the engine clicks again. It counts those that it had not counted."""

from typing import Annotated

import typer

from hopcount_cli.errors import UsageError
from hopcount_cli.ops.archive import replay_archive
from hopcount_cli.ops.dead_letters import redrive, survey
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.logs import restore
from hopcount_cli.ops.moments import parse_window
from hopcount_cli.ops.tools import DEFAULT_STAGE, Stage, Tools


def replay(
    context: typer.Context,
    first: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="Replay the bus archive from here on: 2026-11-22T15:00:00Z, or a day in UTC.",
        ),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="TIME", help="Until here, or to the end of this day.", show_default="now"
        ),
    ] = None,
    dlq: Annotated[bool, typer.Option("--dlq", help="Move dead letters back to the click queue.")] = False,
    from_logs: Annotated[
        typer.FileText | None,
        typer.Option(
            "--from-logs",
            metavar="FILE",
            encoding="utf-8",
            errors="replace",
            help="Restore clicks that could not be published, from the redirect's log; - is standard input.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    stage: Stage = DEFAULT_STAGE,
) -> None:
    """Give the engine clicks again: from the bus archive, the dead-letter queues, or the log.

    Safe to repeat: every click counts once, however often it is delivered. Clicks so old that nobody can
    prove whether they were counted are refused. AWS may take ten minutes to put an event into the archive.

    Exit codes: 0 done; 1 something could not be replayed; 2 not understood, or AWS refused.
    """
    if [first is not None, dlq, from_logs is not None].count(True) != 1:
        raise UsageError("say what to replay: --from TIME, --dlq, or --from-logs FILE")
    if last is not None and first is None:
        raise UsageError("--to needs --from")
    tools = Tools.of(context)
    deployment = Deployment.find(tools.client("ssm"), stage)
    if first is not None:
        window = parse_window(first, last, tools.clock(), deployment.provable)
        complete = replay_archive(tools, deployment, window, dry_run=dry_run)
    elif from_logs is not None:
        complete = restore(tools, deployment, from_logs.read(), dry_run=dry_run)
    elif dry_run:
        survey(tools, deployment)
        complete = True
    else:
        complete = redrive(tools, deployment)
    if not complete:
        raise typer.Exit(1)
