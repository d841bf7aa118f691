"""`GET /stats/{id}`: how often a link was followed, by whom and when, for its owner."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics import bootstrap
from analytics.domain.periods import UTC_NAME, Interval, PeriodRequest
from analytics.reports import answer, link_report
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument

api = create_api()


@api.get("/stats/<short_code>")
def get_link_stats(
    short_code: str,
    first: Annotated[str | None, Query(alias="from")] = None,
    last: Annotated[str | None, Query(alias="to")] = None,
    tz: Annotated[str, Query()] = UTC_NAME,
    interval: Annotated[str, Query()] = Interval.DAY.value,
) -> Response[Any]:
    """Return the series, the totals and the breakdowns of a link of the caller."""
    who = caller(api, "stats:read")
    request = PeriodRequest(first, last, tz, interval)
    statistics = bootstrap.statistics_service().get_link_stats(who.user_id, short_code, request)
    count("StatsRead")
    return answer(api, short_code, statistics.summary, link_report(statistics))


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one request."""
    return api.resolve(event, context)
