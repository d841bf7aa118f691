"""`hopcount shorten`."""

import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hopcount_cli.commands.options import Json
from hopcount_cli.console import is_shown, print_json, print_table, say, tell
from hopcount_cli.errors import PartialError, UsageError, describe
from hopcount_cli.moments import parse_duration, parse_expiry
from hopcount_cli.session import connect

if TYPE_CHECKING:
    from hopcount_cli.api import Api

_AT_ONCE = 500


_STATUSES = (301, 302, 307, 308)

Status = Annotated[
    int | None,
    typer.Option("--status", metavar="301|302|307|308", help="How visitors are sent on; 301 by itself."),
]


def shorten(
    context: typer.Context,
    urls: Annotated[
        list[str] | None,
        typer.Argument(metavar="URL...", help="What to shorten; - or nothing: standard input."),
    ] = None,
    alias: Annotated[
        str | None, typer.Option(metavar="NAME", help="A code of your own, for one URL.")
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Until when it works: 7d, 2027-01-31, 2027-01-31T18:00Z."),
    ] = None,
    status: Status = None,
    max_age: Annotated[
        int | None,
        typer.Option("--max-age", metavar="SECONDS", help="How long browsers may remember it, uncounted."),
    ] = None,
    pass_query: Annotated[
        bool, typer.Option("--pass-query", help="Hand on what a visitor's address has after the ?.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make short links.

    Into a pipe it prints the short URLs alone, one on a line. A list on standard input may be of any length;
    the same list again, within a day, gives the same links.

    Examples: `hopcount shorten https://example.com/a/long/path --alias docs --expires 30d`;
    `hopcount shorten - < urls.txt > short.txt`
    """
    options = link_options(expires=expires, status=status, max_age=max_age, pass_query=pass_query or None)
    if not urls or urls == ["-"]:
        if alias is not None:
            raise UsageError("--alias names one link: give one URL")
        if expires is not None and parse_duration(expires) is not None:
            raise UsageError(
                f"--expires {expires} is another time in each run, so the list could not be gone on with: "
                "say a day or a time"
            )
        _shorten_list(context, options, asked=bool(urls), as_json=as_json)
    elif len(urls) == 1:
        _shorten_one(connect(context), {"originalUrl": urls[0], "alias": alias, **options}, as_json=as_json)
    elif alias is not None:
        raise UsageError("--alias names one link: give one URL")
    else:
        _shorten_several(connect(context), urls, options, as_json=as_json)


def link_options(*, expires: str | None, status: int | None, **others: Any) -> dict[str, Any]:
    """Return the fields of a link that were said, as the API names them."""
    if status is not None and status not in _STATUSES:
        raise UsageError("--status: it is one of 301, 302, 307 and 308")
    fields = {
        "expiresAt": None if expires is None else parse_expiry(expires, datetime.now(UTC)),
        "redirectStatus": status,
        "maxAge": others.get("max_age"),
        "passQuery": others.get("pass_query"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _shorten_list(context: typer.Context, options: dict[str, Any], *, asked: bool, as_json: bool) -> None:
    """Shorten what comes on standard input, which a terminal is only if it was asked for."""
    if sys.stdin.isatty() and not asked:
        raise UsageError(
            "say what to shorten: hopcount shorten https://..., or - for a list on standard input"
        )
    from hopcount_cli.transfer.shorten_many import shorten_many  # noqa: PLC0415  most runs need it not

    counts = shorten_many(connect(context), sys.stdin, as_json=as_json, options=options)
    if counts.failed:
        raise PartialError(f"{counts.failed:,} of {counts.made + counts.failed:,} URLs were not shortened")


def _shorten_one(api: "Api", body: dict[str, Any], *, as_json: bool) -> None:
    wish = {name: value for name, value in body.items() if value is not None}
    link = api.fetch("POST", "/urls", json=wish, headers={"Idempotency-Key": f"cli-{uuid.uuid4()}"})
    if as_json:
        print_json(link)
    else:
        _print_links([link])


def _shorten_several(api: "Api", urls: Sequence[str], options: dict[str, Any], *, as_json: bool) -> None:
    results: list[dict[str, Any]] = []
    key = uuid.uuid4()
    for start in range(0, len(urls), _AT_ONCE):
        rows = [{"originalUrl": url, **options} for url in urls[start : start + _AT_ONCE]]
        results += api.bulk(rows, f"cli-{key}-{start}")["results"]
    if as_json:
        print_json({"results": [{**result, "index": place} for place, result in enumerate(results)]})
    else:
        _print_links([result["link"] for result in results if result["status"] != "failed"])
    failed = [
        (url, result) for url, result in zip(urls, results, strict=True) if result["status"] == "failed"
    ]
    for url, result in failed:
        tell(f"{url:.100}: {describe(result.get('problem') or {})}")
    if failed:
        raise PartialError(f"{len(failed):,} of {len(urls):,} URLs were not shortened")


def _print_links(links: Sequence[dict[str, Any]]) -> None:
    if is_shown():
        rows = [(link["shortUrl"], link["originalUrl"], link["expiresAt"]) for link in links]
        print_table(("Short URL", "Leads to", "Until"), rows)
    else:
        for link in links:
            say(link["shortUrl"])
