"""Claim and journal a batch of clicks from the queue; what is not settled goes back to it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics import bootstrap
from analytics.counting.patience import Patience
from hopcount_shared.observability import count, instrument

RESERVE_SECONDS = 1.5
"""Kept back for the last transaction to answer and for the report."""


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one batch of SQS messages."""
    patience = Patience(time_left=lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)
    records = {record["messageId"]: record for record in event["Records"]}
    bodies = {message_id: record["body"] for message_id, record in records.items()}
    consumed = bootstrap.click_consumer().consume_clicks(bodies, patience)
    for metric, number in {
        "ClickJournalled": len(consumed.journalled),
        "ClickDuplicate": len(consumed.duplicates),
        "ClickMalformed": len(consumed.malformed),
        "ClickTooOld": len(consumed.too_old),
        "ClickPostponed": len(consumed.postponed),
        "ClickConflict": consumed.conflicts,
    }.items():
        if number:
            count(metric, number)
    if consumed.journalled:
        bootstrap.click_queue().wake_folder()
    if consumed.refused:
        bootstrap.click_queue().give_up(
            [records[message_id]["receiptHandle"] for message_id in consumed.refused]
        )
    return {"batchItemFailures": [{"itemIdentifier": m} for m in consumed.refused + consumed.postponed]}
