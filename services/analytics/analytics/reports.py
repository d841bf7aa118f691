"""Statistics as they are answered: the shapes of the JSON, and CSV for those who prefer it."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types

from analytics.csv_report import ENTRY_NAMES, TEXT_CSV, file_name, prefers_csv, write_csv
from analytics.domain.statistics import AccountStatistics, Clicks, LinkStatistics, Summary
from hopcount_shared.http import NO_STORE

_HEADERS = {**NO_STORE, "Vary": "Accept"}


def link_report(statistics: LinkStatistics) -> dict[str, Any]:
    """Write a link's statistics."""
    link, summary = statistics.link, statistics.summary
    return {"id": link.short_code, **_period(summary), **_totals(summary, link.all_time), **_details(summary)}


def account_report(statistics: AccountStatistics) -> dict[str, Any]:
    """Write an account's statistics."""
    summary = statistics.summary
    return {
        **_period(summary),
        "links": statistics.links,
        "linksFollowed": statistics.followed,
        "linksInSeries": statistics.in_series,
        **_totals(summary, statistics.all_time),
        "top": [{"id": link.short_code, **_clicks(link.counts)} for link in statistics.top],
        **_details(summary),
    }


def answer(
    api: APIGatewayHttpResolver, subject: str, summary: Summary, report: Mapping[str, Any]
) -> Response[Any]:
    """Answer with the series as CSV if the client prefers that, else with the whole report as JSON.

    Parameters
    ----------
    api
        The resolver, which knows what the client accepts.
    subject
        What the file is named after: a code, or `account`.
    summary, report
        What there is to tell.
    """
    if not prefers_csv(api.current_event.headers.get("accept") or ""):
        return Response(200, content_types.APPLICATION_JSON, dict(report), headers=dict(_HEADERS))
    disposition = f'attachment; filename="{file_name(subject, summary)}"'
    headers = {**_HEADERS, "Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return Response(200, f"{TEXT_CSV}; charset=utf-8", write_csv(summary), headers=dict(headers))


def _period(summary: Summary) -> dict[str, Any]:
    period = summary.period
    return {
        "from": period.days.first.isoformat(),
        "to": period.days.last.isoformat(),
        "tz": period.zone.key,
        "zoneIsExact": period.is_exact,
        "interval": period.interval.value,
    }


def _totals(summary: Summary, all_time: Clicks) -> dict[str, int]:
    return {
        **_clicks(summary.in_period),
        "totalClicks": all_time.clicks,
        "totalBotClicks": all_time.bot_clicks,
    }


def _details(summary: Summary) -> dict[str, Any]:
    name = ENTRY_NAMES[summary.period.interval]
    return {
        "series": [{name: entry.at.isoformat(), **_clicks(entry.counts)} for entry in summary.series],
        "breakdowns": summary.breakdowns,
    }


def _clicks(counts: Clicks) -> dict[str, int]:
    return {"clicks": counts.clicks, "botClicks": counts.bot_clicks}
