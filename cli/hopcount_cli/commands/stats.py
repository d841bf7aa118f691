"""`hopcount stats`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from hopcount_cli.codes import find_code
from hopcount_cli.commands.options import Json
from hopcount_cli.console import is_shown, out, print_table, safe, say, table
from hopcount_cli.console import print_json as write_json
from hopcount_cli.errors import UsageError
from hopcount_cli.moments import parse_day
from hopcount_cli.session import connect

if TYPE_CHECKING:
    from hopcount_cli.api import Api

_TOP = 5
_INTERVALS = ("day", "hour")


def stats(
    context: typer.Context,
    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="A link: its code, or its whole short URL.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="From this day on, or so long ago: 90d.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Until this day.")] = None,
    tz: Annotated[
        str, typer.Option("--tz", envvar="HOPCOUNT_TZ", metavar="ZONE", help="Whose days: Europe/Zurich.")
    ] = "UTC",
    interval: Annotated[
        str, typer.Option("--interval", metavar="day|hour", help="By day or by hour.")
    ] = "day",
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the series as CSV, for spreadsheets.")] = False,
) -> None:
    """Show how often a link was followed, people and machines apart; without CODE, all your links together.

    Into a pipe it prints the series as tab-separated values: day or hour, people, machines.

    Examples: `hopcount stats docs --from 90d --tz Europe/Zurich`; `hopcount stats --json`
    """
    if as_json and as_csv:
        raise UsageError("--json or --csv, not both")
    if interval not in _INTERVALS:
        raise UsageError("--interval: it is day or hour")
    now = datetime.now(UTC)
    asked = {
        "from": parse_day(first, now, "--from"),
        "to": parse_day(last, now, "--to"),
        "tz": tz,
        "interval": interval,
    }
    api = connect(context)
    path = f"/stats/{quote(find_code(api, code), safe='')}" if code else "/stats"
    if as_csv:
        text = api.request("GET", path, params=asked, headers={"Accept": "text/csv"}).text
        for line in text.splitlines():
            say(line)
        return
    report = api.fetch("GET", path, params=asked)
    if as_json:
        write_json(report)
    elif is_shown():
        _show(api, report)
    else:
        name = "time" if interval == "hour" else "date"
        rows = ((entry[name], entry["clicks"], entry["botClicks"]) for entry in report["series"])
        print_table((name, "People", "Machines"), rows)


def _show(api: "Api", report: Mapping[str, Any]) -> None:
    from hopcount_cli.chart import MACHINES, PEOPLE, draw_series  # noqa: PLC0415

    console = out()
    subject = f"{api.base_url}/{report['id']}" if "id" in report else f"{report['links']:,} links"
    console.print(f"{safe(subject)}  {report['from']} to {report['to']} ({safe(report['tz'])})", markup=False)
    console.print(draw_series(report["series"], min(console.width, 120)), markup=False, soft_wrap=True)
    rows = [
        (f"{PEOPLE} people", report["clicks"], report["totalClicks"]),
        (f"{MACHINES} machines", report["botClicks"], report["totalBotClicks"]),
    ]
    console.print(table(("Clicks", "Then", "Ever"), rows, right=("Then", "Ever")))
    if report.get("top"):
        ranked = [(link["id"], link["clicks"], link["botClicks"]) for link in report["top"]]
        console.print(table(("Most followed", "People", "Machines"), ranked, right=("People", "Machines")))
    for name, counts in report["breakdowns"].items():
        if counts:
            console.print(_breakdown(name, counts))


def _breakdown(name: str, counts: Mapping[str, int]) -> Any:
    """Make a table of the values that most people had; what is left is one row more."""
    ranked = list(counts.items())
    rows = ranked[:_TOP]
    rest = sum(count for _, count in ranked[_TOP:])
    return table(
        (name.capitalize(), "People"), [*rows, *([("the rest", rest)] if rest else [])], right=("People",)
    )
