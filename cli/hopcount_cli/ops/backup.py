"""`hopcount ops backup`: every table, as of one moment of the counting."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hopcount_cli.errors import CommandError
from hopcount_cli.ops.backer import Backer
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.tools import DEFAULT_STAGE, Stage, Tools


def backup(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to: a folder that is empty or not there.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest.")] = False,
    stage: Stage = DEFAULT_STAGE,
) -> None:
    """Save every table to a folder from which counting can go on exactly.

    Redirects and the API go on. Clicks wait in their queue while the ledger is read, and are not added to the
    counters until all of it is. Accounts are in Cognito, and not in the backup. The folder holds people's
    addresses and links: it is readable by you alone, so keep it so.

    Exit codes: 0 done; 2 nothing was saved, and one line says why; 130 Ctrl-C.
    """
    tools = Tools.of(context)
    try:
        manifest = Backer(tools, Deployment.find(tools.client("ssm"), stage)).run(folder)
    except OSError as error:
        raise CommandError(f"{error.filename or folder}: {error.strerror}") from None
    if as_json:
        tools.say(
            json.dumps({"folder": str(folder), "items": manifest.items, **json.loads(manifest.to_json())})
        )
        return
    for table, items in manifest.items.items():
        tools.say(f"{table:14} {items:>12,} items")
    tools.say(
        f"Saved to {folder}. To count what is not in it after a restore: "
        f"hopcount ops replay --from {manifest.replay_from}"
    )
    tools.note("Not in it: the accounts themselves, which are in Cognito (docs/backup.md).")
