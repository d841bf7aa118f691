"""Keeps `totalLinks`: reads link events from the queue."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from hopcount_shared.observability import count, instrument, logger
from users import bootstrap


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Count each message; those that fail come again, and end in the dead-letter queue."""
    return process_partial_response(
        event=event,
        record_handler=_counting(lambda: context.get_remaining_time_in_millis() / 1000),
        processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
        context=context,
    )


def _counting(remaining: Callable[[], float]) -> Callable[[SQSRecord], None]:
    def count_message(record: SQSRecord) -> None:
        try:
            counted = bootstrap.link_counter().count(record.body, remaining)
        except Exception:
            logger.exception("link event not counted", extra={"messageId": record.message_id})
            raise
        count("LinkEventCounted" if counted else "LinkEventRepeated")

    return count_message
