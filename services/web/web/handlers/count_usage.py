"""Makes metrics of what the app told: reads `AppUsed` from the queue."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from hopcount_shared.observability import count, count_past, instrument, logger
from web import bootstrap


@instrument
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Count messages; those that nobody understands come again, and end in the dead-letter queue."""
    bodies = {record["messageId"]: record["body"] for record in event["Records"]}
    counted = bootstrap.usage_counter().count(bodies)
    for series, values in counted.numbers.items():
        unit = "Milliseconds" if series.is_duration else "Count"
        count_past(series.metric, values, series.hour, dict(series.dimensions), unit=unit)
    for name, number in {
        "UsageCounted": counted.events,
        "UsageRepeated": counted.repeated,
        "AppUnexpectedError": counted.unexpected,
    }.items():
        if number:
            count(name, number)
    for message_id, reason in counted.refused.items():
        logger.error("usage not counted", extra={"messageId": message_id, "reason": reason})
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in counted.refused]}
