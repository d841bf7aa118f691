"""`GET /stats/{id}`: how often a link was followed, by whom and when, for its owner."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics import bootstrap
from analytics.domain.periods import UTC_NAME, Interval, PeriodRequest
from analytics.reports import answer, link_report
from analytics.schemas import First, Last, LinkId, LinkStats, Step, Zone, statistics_answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument

api = create_api()


@api.get(
    "/stats/<short_code>",
    description="People and machines apart, by day or hour in any time zone, and who the people were. "
    "A click is in the statistics within seconds.",
    responses=statistics_answer(LinkStats),
)
def get_link_stats(
    short_code: LinkId,
    first: First = None,
    last: Last = None,
    tz: Zone = UTC_NAME,
    interval: Step = Interval.DAY.value,
) -> Response[LinkStats | str]:
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
