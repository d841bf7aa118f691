"""`hopcount token create`, `ls`, `rm`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from hopcount_cli.commands.options import Json, Yes
from hopcount_cli.console import agree, note, print_json, print_table, say
from hopcount_cli.errors import UsageError
from hopcount_cli.moments import parse_expiry
from hopcount_cli.session import connect, machine_token

if TYPE_CHECKING:
    from hopcount_cli.api import Api

_PATH = "/users/me/tokens"
_SCOPES = ("links:read", "links:write", "stats:read")

token = typer.Typer(help="API tokens, for machines.", no_args_is_help=True, rich_markup_mode="markdown")


@token.command("create")
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            "-s",
            metavar="SCOPE",
            help=f"What it may do: {', '.join(_SCOPES)}. Repeat it for several.",
        ),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Until when it works: 90d, 2027-01-31.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a token. It is shown once: whoever has it may use it.

    Use it as HOPCOUNT_TOKEN.

    Example: `hopcount token create "release notes" --scope links:write --expires 90d`
    """
    wanted = [*dict.fromkeys(scope for given in scopes or () for scope in given.split(","))]
    if not wanted or not set(wanted) <= set(_SCOPES):
        raise UsageError(f"--scope: say what it may do, of {', '.join(_SCOPES)}")
    body: dict[str, Any] = {"name": name, "scopes": wanted}
    if expires is not None:
        body["expiresAt"] = parse_expiry(expires, datetime.now(UTC))
    made = _people(context).fetch("POST", _PATH, json=body)
    if as_json:
        print_json(made)
        return
    say(made["token"])
    note("Keep it: it is not shown again.")


@token.command("ls")
def list_tokens(context: typer.Context, as_json: Json = False) -> None:
    """List your tokens."""
    found = _people(context).fetch("GET", _PATH)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            item["id"],
            item["name"],
            " ".join(item["scopes"]),
            item["createdAt"][:10],
            item["expiresAt"],
            item["lastUsedAt"],
        )
        for item in found["items"]
    ]
    print_table(("ID", "Name", "May", "Created", "Until", "Last used"), rows)


@token.command("rm")
def revoke(
    context: typer.Context,
    token_id: Annotated[str, typer.Argument(metavar="ID", help="Which: `hopcount token ls` says.")],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Revoke a token. Within a minute it opens nothing."""
    api = _people(context)
    if not yes and not agree(f"Revoke {token_id}?"):
        note("Nothing was revoked.")
        return
    api.request("DELETE", f"{_PATH}/{quote(token_id, safe='')}")
    if as_json:
        print_json({"revoked": token_id})
    else:
        note(f"Revoked {token_id}.")


def _people(context: typer.Context) -> "Api":
    """Return the API as somebody who is signed in: no token makes tokens."""
    if machine_token():
        raise UsageError("a token cannot manage tokens: unset HOPCOUNT_TOKEN, and hopcount login")
    return connect(context)
