"""Forgets the links of whoever is gone: reads `UserDeleted.v1` from the queue."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from hopcount_shared.observability import count, instrument, logger
from hopcount_shared.times import utc_now
from links import bootstrap
from links.domain.user_events import read_user_deleted

RESERVE_SECONDS = 6.0
"""Kept back for the links under way, each with two attempts at a call, and for the queue."""


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle each message; those that fail come again, and end in the dead-letter queue."""
    return process_partial_response(
        event=event,
        record_handler=_erasing(lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS),
        processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
        context=context,
    )


def _erasing(time_left: Callable[[], float]) -> Callable[[SQSRecord], None]:
    def erase_links(record: SQSRecord) -> None:
        try:
            _erase(record.body, time_left)
        except Exception:
            logger.exception("links not erased", extra={"messageId": record.message_id})
            raise

    return erase_links


def _erase(body: str, time_left: Callable[[], float]) -> None:
    event = read_user_deleted(body)
    erased = bootstrap.link_eraser().erase_links(event.data.user_id, time_left)
    count("LinkErased", erased.number)
    if erased.finished:
        bootstrap.erasure_queue().look_again(body, event.time, utc_now())
    else:
        bootstrap.erasure_queue().go_on(body)
