"""Stream of UrlShortener: tell the bus what owners did to their links."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from hopcount_shared.errors import MessageRejectedError, PublishError
from hopcount_shared.observability import count, instrument, logger
from links import bootstrap
from links.events import LinkEvent
from links.stream import to_event


def publish_link_events(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Publish a batch in order, and name the first record from which Lambda has to try again."""
    records: Sequence[Mapping[str, Any]] = event["Records"]
    events = _readable(records)
    failed = len(events)
    try:
        bootstrap.publisher().publish(events)
    except PublishError as error:
        logger.exception("events not published", extra={"eventIds": list(error.failed)})
        failed = min(index for index, event in enumerate(events) if event.id in error.failed)
    count("LinkEventsPublished", failed)
    if failed == len(records):
        return {"batchItemFailures": []}
    return {"batchItemFailures": [{"itemIdentifier": records[failed]["dynamodb"]["SequenceNumber"]}]}


def _readable(records: Sequence[Mapping[str, Any]]) -> Sequence[LinkEvent]:
    """Read records up to the first that makes no sense; Lambda splits the batch there and sets it aside."""
    events: list[LinkEvent] = []
    for record in records:
        try:
            events.append(to_event(record))
        except MessageRejectedError:
            logger.exception("unreadable record", extra={"eventId": record.get("eventID")})
            break
    return events


handler = instrument(publish_link_events)
