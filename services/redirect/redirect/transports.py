"""The two ways that a click takes to those who count: the event bus, and the analytics queue behind it."""

from __future__ import annotations

from redirect.aws.client import AwsClient
from redirect.aws.errors import RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from redirect.events import Event

    class Transport(Protocol):
        """A way that a click takes."""

        name: str

        def send(self, event: Event, deadline: float) -> None:
            """Send it, by the deadline (`time.monotonic`); raise any `Exception` if it cannot be sent."""


BUS_ATTEMPTS = 2
"""How often the bus is asked to take an event that it refused in an answer that succeeded."""


class Bus:
    """Puts events on the bus, where whoever has a rule gets them, and the archive keeps them.

    Parameters
    ----------
    events
        A client of EventBridge.
    bus_name
        The bus's name.
    """

    name = "bus"

    def __init__(self, events: AwsClient, bus_name: str) -> None:
        self._events = events
        self._bus_name = bus_name

    def send(self, event: Event, deadline: float) -> None:
        """Publish an event.

        Raises
        ------
        redirect.aws.errors.AwsError
            If the bus does not take it.
        """
        envelope = event.envelope
        entry = {
            "EventBusName": self._bus_name,
            "Source": envelope["source"],
            "DetailType": event.detail_type,
            "Detail": event.to_json(),
        }
        code = ""
        for _ in range(BUS_ATTEMPTS):
            answer = self._events.call("PutEvents", {"Entries": [entry]}, deadline)
            if not answer.get("FailedEntryCount"):
                return
            code = answer["Entries"][0].get("ErrorCode", "")
        raise RefusedError(200, code)


class Queue:
    """Sends events straight to the queue of those who count: as good for the counts, but in no archive.

    Parameters
    ----------
    sqs
        A client of SQS.
    queue_url
        The queue.
    """

    name = "queue"

    def __init__(self, sqs: AwsClient, queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def send(self, event: Event, deadline: float) -> None:
        """Send an event.

        Raises
        ------
        redirect.aws.errors.AwsError
            If the queue does not take it.
        """
        message = {"QueueUrl": self._queue_url, "MessageBody": event.to_json()}
        self._sqs.call("SendMessage", message, deadline)
