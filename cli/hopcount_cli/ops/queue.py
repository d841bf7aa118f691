"""Queues as replays use them: send whatever was not sent yet, receive, delete, give back."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from hopcount_cli.ops.tools import Tools

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

PER_CALL = 10
"""Messages that one call takes."""

BYTES_PER_CALL = 250_000

_NUMBERS: tuple["QueueAttributeNameType", ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_ATTEMPTS = 5
_FIRST_WAIT = 0.1
_POLL_SECONDS = 1
_HOLD_SECONDS = 300
"""For how long a message that was received is kept from others, unless it is given back."""


@dataclass(frozen=True)
class Message:
    """A message as it was received."""

    id: str
    body: str
    sent_at: datetime
    handle: str


@dataclass(frozen=True)
class Counts:
    """About how many messages a queue holds.

    Parameters
    ----------
    visible, in_flight, delayed
        Those that wait, those that somebody has taken, and those that nobody may take yet.
    """

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.visible + self.in_flight + self.delayed


class Queue:
    """A queue.

    Parameters
    ----------
    tools
        SQS and the time.
    url
        Which queue.
    """

    def __init__(self, tools: Tools, url: str) -> None:
        self._sqs: SQSClient = tools.client("sqs")
        self._tools = tools
        self._url = url

    @property
    def name(self) -> str:
        """Its name."""
        return self._url.rsplit("/", 1)[-1]

    def size(self) -> tuple[int, datetime]:
        """Return about how many messages wait, and the time by the queue's own clock, rounded up."""
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        now = parsedate_to_datetime(said).astimezone(UTC) if said else self._tools.clock()
        return int(answer["Attributes"]["ApproximateNumberOfMessages"]), now

    def counts(self) -> Counts:
        """Return about how many messages it holds."""
        numbers = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=list(_NUMBERS))
        return Counts(*(int(numbers["Attributes"].get(name, 0)) for name in _NUMBERS))

    def send(self, bodies: Sequence[str]) -> list[str | None]:
        """Send messages; return the id that each got, or nothing for one that could not be sent."""
        ids: dict[int, str] = {}
        for positions in _calls(bodies):
            waiting, tries = positions, 0
            while waiting and tries < _ATTEMPTS:
                if tries:
                    self._tools.wait(random.uniform(0, _FIRST_WAIT * 2**tries))  # noqa: S311  no secret
                ids |= self._send({position: bodies[position] for position in waiting})
                waiting, tries = [position for position in waiting if position not in ids], tries + 1
        return [ids.get(position) for position in range(len(bodies))]

    def _send(self, bodies: dict[int, str]) -> dict[int, str]:
        answer = self._sqs.send_message_batch(
            QueueUrl=self._url,
            Entries=[{"Id": str(position), "MessageBody": body} for position, body in bodies.items()],
        )
        return {int(sent["Id"]): sent["MessageId"] for sent in answer.get("Successful", [])}

    def receive(self) -> list[Message]:
        """Receive some messages and keep them from others for a while; none if none is left."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=PER_CALL,
            WaitTimeSeconds=_POLL_SECONDS,
            VisibilityTimeout=_HOLD_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        return [
            Message(
                id=message["MessageId"],
                body=message["Body"],
                sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
                handle=message["ReceiptHandle"],
            )
            for message in answer.get("Messages", [])
        ]

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages. One that stays nevertheless is only delivered once more."""
        for positions in _calls([""] * len(messages)):
            self._sqs.delete_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(n), "ReceiptHandle": messages[n].handle} for n in positions],
            )

    def give_back(self, messages: Sequence[Message]) -> None:
        """Let others have messages again at once."""
        for positions in _calls([""] * len(messages)):
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(n), "ReceiptHandle": messages[n].handle, "VisibilityTimeout": 0}
                    for n in positions
                ],
            )


def _calls(bodies: Sequence[str]) -> Iterator[list[int]]:
    """Yield positions of messages that fit one call together."""
    call: list[int] = []
    size = 0
    for position, body in enumerate(bodies):
        length = len(body.encode())
        if call and (len(call) == PER_CALL or size + length > BYTES_PER_CALL):
            yield call
            call, size = [], 0
        call.append(position)
        size += length
    if call:
        yield call
