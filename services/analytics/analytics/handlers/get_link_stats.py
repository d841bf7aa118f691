"""`GET /stats/{id}`: how often a link was followed, day by day, for its owner."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics import bootstrap
from analytics.domain.statistics import LinkStatistics
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument

api = create_api()


@api.get("/stats/<short_code>")
def get_link_stats(
    short_code: str,
    first: Annotated[str | None, Query(alias="from")] = None,
    last: Annotated[str | None, Query(alias="to")] = None,
) -> dict[str, Any]:
    """Return the daily series and the totals of a link of the caller."""
    user_id = caller(api).user_id
    statistics = bootstrap.statistics_service().get_link_stats(user_id, short_code, first, last)
    count("StatsRead")
    return _to_json(statistics)


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one request."""
    return api.resolve(event, context)


def _to_json(statistics: LinkStatistics) -> dict[str, Any]:
    in_range, all_time = statistics.in_range, statistics.all_time
    return {
        "id": statistics.short_code,
        "from": statistics.range.first.isoformat(),
        "to": statistics.range.last.isoformat(),
        "clicks": in_range.clicks,
        "botClicks": in_range.bot_clicks,
        "totalClicks": all_time.clicks,
        "totalBotClicks": all_time.bot_clicks,
        "series": [
            {
                "date": day.day.isoformat(),
                "clicks": day.counts.clicks,
                "botClicks": day.counts.bot_clicks,
            }
            for day in statistics.series
        ],
        "breakdowns": {},
    }
