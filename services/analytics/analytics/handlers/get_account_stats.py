"""`GET /stats`: how often all links of the caller were followed, and which of them most."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics import bootstrap
from analytics.domain.periods import UTC_NAME, Interval, PeriodRequest
from analytics.reports import account_report, answer
from analytics.schemas import AccountStats, First, Last, Step, Zone, statistics_answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument

RESERVE_SECONDS = 3.0
"""Kept back for the reads under way to be answered, and for the report."""

api = create_api()


@api.get(
    "/stats",
    description="Of every link that the caller has or had, deleted ones included; `top` names those that "
    "are there.",
    responses=statistics_answer(AccountStats),
)
def get_account_stats(
    first: First = None,
    last: Last = None,
    tz: Zone = UTC_NAME,
    interval: Step = Interval.DAY.value,
    top: Annotated[int, Query(ge=1, le=100, description="How many of the most followed links.")] = 10,
) -> Response[AccountStats | str]:
    """Return the series, the totals, the breakdowns and the most followed links of the caller."""
    statistics = bootstrap.statistics_service().get_account_stats(
        caller(api, "stats:read").user_id, PeriodRequest(first, last, tz, interval), top, _time_left
    )
    count("StatsRead")
    return answer(api, "account", statistics.summary, account_report(statistics))


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one request."""
    return api.resolve(event, context)


def _time_left() -> float:
    return api.lambda_context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
