"""The envelope that every event travels in, and how it is put on the bus."""

import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from hopcount_shared.errors import MessageRejectedError, PublishError
from hopcount_shared.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

ENTRIES_PER_CALL = 10
"""What one PutEvents takes."""

Moment = Annotated[
    AwareDatetime,
    PlainSerializer(to_iso),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": "Z$"}),
]
"""A time in an event: aware, and written as `times.to_iso` does."""

D = TypeVar("D", bound="EventData")


class EventData(BaseModel):
    """Base of what an event says. camelCase outside; a reader ignores what it does not know."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Envelope(BaseModel, Generic[D]):
    """A fact that happened, as it travels: the bus entry's detail and the queue message's body.

    Parameters
    ----------
    id
        Names the fact for ever: the same fact, published twice, has the same id.
    type
        What kind of fact.
    version
        Which shape of it. `<type>.v<version>` is the bus entry's detail type.
    source
        Who says so: `hopcount.<service>`.
    time
        When it happened, UTC.
    correlation_id
        The request that led to it, if one did.
    data
        The fact.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")

    id: str = Field(min_length=1, max_length=200)
    type: str = Field(pattern=r"^[A-Z][A-Za-z]+$")
    version: int = Field(ge=1)
    source: str = Field(pattern=r"^hopcount\.[a-z]+$")
    time: Moment
    correlation_id: str | None = None
    data: D

    @property
    def detail_type(self) -> str:
        """The bus entry's detail type, for instance `LinkCreated.v1`."""
        return f"{self.type}.v{self.version}"

    def to_json(self) -> str:
        """Write the envelope as it travels."""
        return self.model_dump_json(by_alias=True)


def read_event(kind: type[Envelope[D]], body: str, source: str, detail_types: Collection[str]) -> Envelope[D]:
    """Read a queue message that tells a fact.

    Parameters
    ----------
    kind
        The envelope with the data that the reader knows, for instance `Envelope[UserFact]`.
    source, detail_types
        Who is believed, and what: as the rule that leads to the queue has it.

    Raises
    ------
    MessageRejectedError
        If the message is malformed or tells something else. The reason names fields, never what they hold.
    """
    try:
        event = kind.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        wrong = ", ".join(f"{'.'.join(map(str, e['loc'])) or 'body'} ({e['type']})" for e in found)
        raise MessageRejectedError(f"malformed event: {wrong}") from None
    if event.source != source or event.detail_type not in detail_types:
        raise MessageRejectedError("an event of another source, type or version")
    return event


class EventPublisher:
    """Puts events on the bus, and knows which of them it did not take.

    Parameters
    ----------
    events
        A boto3 EventBridge client.
    bus_name
        Name of the bus.
    attempts
        How often an entry is tried in all.
    sleep, jitter
        The wait between attempts: full jitter over 50 ms, doubled each time. Arguments for tests.
    """

    def __init__(
        self,
        events: "EventBridgeClient",
        bus_name: str,
        *,
        attempts: int = 4,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._events = events
        self._bus_name = bus_name
        self._attempts = attempts
        self._sleep = sleep
        self._jitter = jitter

    def publish(self, envelopes: Sequence[Envelope[Any]]) -> None:
        """Publish events in order, retrying only those that the bus refused.

        Raises
        ------
        PublishError
            Naming the events that were refused to the last attempt; the others are published.
        botocore.exceptions.ClientError
            If the whole call fails.
        """
        failed: list[str] = []
        for batch in _batches(envelopes):
            failed += [envelope.id for envelope in self._publish_batch(batch)]
        if failed:
            raise PublishError(failed)

    def _publish_batch(self, batch: Sequence[Envelope[Any]]) -> Sequence[Envelope[Any]]:
        pending = batch
        for attempt in range(self._attempts):
            if attempt:
                self._sleep(self._jitter(0, 0.05 * 2**attempt))
            response = self._events.put_events(Entries=[self._entry(envelope) for envelope in pending])
            if not response["FailedEntryCount"]:
                return []
            results = zip(pending, response["Entries"], strict=True)
            pending = [envelope for envelope, result in results if result.get("ErrorCode")]
        return pending

    def _entry(self, envelope: Envelope[Any]) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._bus_name,
            "Source": envelope.source,
            "DetailType": envelope.detail_type,
            "Detail": envelope.to_json(),
            "Time": envelope.time,
        }


def _batches(envelopes: Sequence[Envelope[Any]]) -> Iterator[Sequence[Envelope[Any]]]:
    for start in range(0, len(envelopes), ENTRIES_PER_CALL):
        yield envelopes[start : start + ENTRIES_PER_CALL]
