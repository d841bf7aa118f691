"""Count a batch of clicks from the queue; what is not settled goes back to it."""

from collections import Counter
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics import bootstrap
from analytics.counting.count_clicks import SETTLED, Outcome, Patience
from hopcount_shared.observability import count, instrument

RESERVE_SECONDS = 1.5
"""Kept back for the last transaction to answer and for the report."""

_METRICS = {
    Outcome.COUNTED: "ClickCounted",
    Outcome.DUPLICATE: "ClickDuplicate",
    Outcome.REJECTED: "ClickRejected",
    Outcome.BUSY: "ClickPostponed",
    Outcome.FAILED: "ClickFailed",
}


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one batch of SQS messages."""
    patience = Patience(time_left=lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)
    bodies = {record["messageId"]: record["body"] for record in event["Records"]}
    outcomes = bootstrap.click_consumer().consume_clicks(bodies, patience)
    for outcome, number in Counter(outcomes.values()).items():
        count(_METRICS[outcome], number)
    rejected = [r["receiptHandle"] for r in event["Records"] if outcomes[r["messageId"]] is Outcome.REJECTED]
    if rejected:  # hardly ever: a start without it needs no client of the queue
        bootstrap.click_queue().give_up(rejected)
    unsettled = [message_id for message_id, outcome in outcomes.items() if outcome not in SETTLED]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in unsettled]}
