"""`hopcount ops restore`: fill empty tables from a backup, so that counting goes on exactly."""

from pathlib import Path
from typing import Annotated

import typer

from hopcount_cli.errors import CommandError
from hopcount_cli.ops.backup_files import Backup
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.restorer import Restorer
from hopcount_cli.ops.tools import DEFAULT_STAGE, Stage, Tools


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the backup is.")],
    yes: Annotated[bool, typer.Option("--yes", help="Restore without asking.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    stage: Stage = DEFAULT_STAGE,
) -> None:
    """Fill the empty tables of a deployment from a backup, after checking the whole of it.

    Clicks wait in their queue meanwhile. Should it end half way, run it again: it goes on where it was. Then
    replay the archive from the time that it names. Keep people out until it is done.

    Exit codes: 0 done; 1 you said no; 2 nothing was done, or not all, and one line says why; 130 Ctrl-C.
    """
    tools = Tools.of(context)
    deployment = Deployment.find(tools.client("ssm"), stage)
    try:
        restorer = Restorer(tools, deployment, Backup(folder))
        restorer.check()
        if not yes:
            restorer.ask()
        restorer.run()
    except OSError as error:
        raise CommandError(f"{error.filename or folder}: {error.strerror}") from None
    restorer.tell(as_json=as_json)
