"""`hopcount ls`, `open`, `edit`, `rm`, `restore`."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hopcount_cli.codes import find_code
from hopcount_cli.commands.making import Status, link_options
from hopcount_cli.commands.options import Code, Codes, Json, Yes
from hopcount_cli.console import agree, note, print_csv, print_json, print_table, say, tell
from hopcount_cli.errors import ApiError, PartialError, UsageError
from hopcount_cli.session import connect

if TYPE_CHECKING:
    from hopcount_cli.api import Api

_PAGE = 100
_FEW = 25
_NONE = "none"
_FIELDS = (
    "id",
    "shortUrl",
    "originalUrl",
    "clicks",
    "botClicks",
    "createdAt",
    "expiresAt",
    "redirectStatus",
    "maxAge",
    "passQuery",
)


def list_links(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="Only links that contain this.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = _FEW,
    everything: Annotated[bool, typer.Option("--all", "-a", help="All of them.")] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="Those in the trash.")] = False,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")] = False,
) -> None:
    """List your links, newest first.

    Into a pipe it prints lines of tab-separated values: short URL, clicks, bots, created, until, leads to.

    Examples: `hopcount ls docs`; `hopcount ls --all --csv > links.csv`; `hopcount ls --deleted`
    """
    if as_json and as_csv:
        raise UsageError("--json or --csv, not both")
    api = connect(context)
    asked = {"q": text, "deleted": "true" if deleted else None}
    links, more = _take(_pages(api, asked, None if everything else limit), None if everything else limit)
    if as_json:
        print_json({"items": links, "more": more})
        return
    if as_csv:
        print_csv(_FIELDS, ([link.get(name) for name in _FIELDS] for link in links))
    else:
        rows = [
            (
                link["shortUrl"],
                link["clicks"],
                link["botClicks"],
                link["createdAt"][:16],
                (link.get("deletedAt") if deleted else link["expiresAt"]) or None,
                link["originalUrl"],
            )
            for link in links
        ]
        heading = ("Short URL", "Clicks", "Bots", "Created", "Deleted" if deleted else "Until", "Leads to")
        print_table(heading, rows, right=("Clicks", "Bots"))
    if more:
        note(f"There are more than these {len(links):,}: --limit, --all")


def _pages(api: "Api", asked: dict[str, Any], limit: int | None) -> Iterator[dict[str, Any]]:
    size = _PAGE if limit is None else min(limit + 1, _PAGE)
    cursor: str | None = None
    while True:
        page = api.fetch("GET", "/urls", params={**asked, "limit": size, "cursor": cursor})
        yield from page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            return


def _take(links: Iterator[dict[str, Any]], limit: int | None) -> tuple[list[dict[str, Any]], bool]:
    """Return so many links, and whether there are more."""
    taken: list[dict[str, Any]] = []
    for link in links:
        if len(taken) == limit:
            return taken, True
        taken.append(link)
    return taken, False


def open_link(
    context: typer.Context,
    code: Code,
    target: Annotated[bool, typer.Option("--target", help="Open where it leads: that is no click.")] = False,
    as_json: Json = False,
) -> None:
    """Open a link in the browser, as a visitor does: that is a click.

    Example: `hopcount open docs --target`
    """
    import webbrowser  # noqa: PLC0415

    api = connect(context)
    link = api.link(find_code(api, code))
    address = str(link["originalUrl" if target else "shortUrl"])
    opened = webbrowser.open(address)
    if as_json:
        print_json({"id": link["id"], "url": address, "opened": opened})
        return
    say(address)
    if not opened:
        note("No browser could be opened here.")


def edit(
    context: typer.Context,
    code: Code,
    target: Annotated[str | None, typer.Option("--target", metavar="URL", help="Where it leads.")] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Until when it works: 7d, 2027-01-31, or `never`.")
    ] = None,
    status: Status = None,
    max_age: Annotated[
        str | None,
        typer.Option("--max-age", metavar="SECONDS", help="How long browsers may remember it, or `none`."),
    ] = None,
    pass_query: Annotated[
        bool | None,
        typer.Option("--pass-query/--no-pass-query", help="Whether to hand on what follows the ?."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change a link. Its code and its counts stay.

    Examples: `hopcount edit docs --target https://example.com/new`; `hopcount edit docs --expires never`
    """
    api = connect(context)
    never = (expires or "").strip().lower() in {"never", _NONE}
    fields: dict[str, Any] = {
        **link_options(expires=None if never else expires, status=status, pass_query=pass_query),
        **({"originalUrl": target} if target is not None else {}),
        **({"expiresAt": None} if never else {}),
        **({} if max_age is None else {"maxAge": _seconds(max_age)}),
    }
    if not fields:
        raise UsageError("say what to change: --target, --expires, --status, --max-age, --pass-query")
    from hopcount_cli.api import link_path  # noqa: PLC0415

    link = api.fetch("PATCH", link_path(find_code(api, code)), json=fields)
    if as_json:
        print_json(link)
    else:
        rows = [(link["shortUrl"], link["originalUrl"], link["expiresAt"])]
        print_table(("Short URL", "Leads to", "Until"), rows)


def _seconds(text: str) -> int | None:
    if text.strip().lower() == _NONE:
        return None
    if not text.strip().isdecimal():
        raise UsageError(f"--max-age: {text!r} is neither a number of seconds nor none")
    return int(text)


def remove(context: typer.Context, codes: Codes, yes: Yes = False, as_json: Json = False) -> None:
    """Move links to the trash: they answer 410, and `hopcount restore` takes them out again.

    Examples: `hopcount rm docs`; `hopcount rm https://go.example.com/abc1234 xyz9876 --yes`
    """
    api = connect(context)
    if not yes and not agree(f"Delete {', '.join(codes)}?"):
        note("Nothing was deleted.")
        return
    from hopcount_cli.api import link_path  # noqa: PLC0415

    def delete(code: str) -> str:
        found = find_code(api, code)
        api.request("DELETE", link_path(found))
        return found

    _each(codes, delete, "deleted", as_json=as_json)


def restore(context: typer.Context, codes: Codes, as_json: Json = False) -> None:
    """Take links out of the trash.

    Example: `hopcount restore docs`
    """
    api = connect(context)
    from hopcount_cli.api import link_path  # noqa: PLC0415

    def bring_back(code: str) -> dict[str, Any]:
        return api.fetch("POST", link_path(find_code(api, code), "/restore"))

    _each(codes, bring_back, "restored", as_json=as_json)


def _each(codes: Sequence[str], do: Callable[[str], Any], done: str, *, as_json: bool) -> None:
    """Do something with each link; go on where one is refused, and say so in the end."""
    made: list[Any] = []
    failed: list[dict[str, Any]] = []
    for code in codes:
        try:
            made.append(do(code))
        except ApiError as error:
            if len(codes) == 1 or error.status >= 500:
                raise
            tell(f"{code}: {error}")
            failed.append({"id": code, "problem": error.problem})
            continue
        if not as_json:
            say(made[-1] if isinstance(made[-1], str) else made[-1]["shortUrl"])
    if as_json:
        print_json({done: made, "failed": failed})
    if failed:
        raise PartialError(f"{len(failed):,} of {len(codes):,} links were not {done}")
