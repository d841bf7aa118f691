"""What operators do, with ordinary AWS credentials."""

import typer

from hopcount_cli.ops.backup import backup
from hopcount_cli.ops.link import link
from hopcount_cli.ops.replay import replay
from hopcount_cli.ops.restore import restore
from hopcount_cli.ops.status import status
from hopcount_cli.ops.tail import tail
from hopcount_cli.ops.user import user
from hopcount_cli.ops.verify import verify

ops = typer.Typer(
    help="For operators: see how it is, replay clicks, prove counts. Uses ordinary AWS credentials, region "
    "and endpoint.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
ops.command("status")(status)
ops.command("tail")(tail)
ops.command("replay")(replay)
ops.command("verify")(verify)
ops.command("backup")(backup)
ops.command("restore")(restore)
ops.add_typer(link, name="link")
ops.add_typer(user, name="user")
