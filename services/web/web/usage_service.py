"""What is done with usage: take what the app tells, and count what came back from the bus."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hopcount_shared.errors import (
    FieldError,
    InvalidInputError,
    MessageRejectedError,
    PublishError,
    UnavailableError,
)
from hopcount_shared.events import Envelope
from hopcount_shared.times import Clock
from web.domain.usage import Used, time_problem
from web.events import AppEvent, AppUsed, app_used, read_app_used
from web.tally import Series, tally

REMEMBERED = 10_000
"""How many messages a sandbox knows again."""

UNEXPECTED = ("error", "unexpected")
"""An error that the app has no words for: a mistake in it."""


class Publisher(Protocol):
    """Where events go."""

    def publish(self, envelopes: Sequence[Envelope[Any]]) -> None:
        """Publish, or raise."""


class UsageCollector:
    """Takes what the app tells, and passes it on as one event."""

    def __init__(self, publisher: Publisher, clock: Clock) -> None:
        self._publisher = publisher
        self._clock = clock

    def collect(self, used: Sequence[Used]) -> None:
        """Publish what was done.

        Raises
        ------
        hopcount_shared.errors.InvalidInputError
            If something is said to have happened too long ago, or not yet: then nothing is published.
        hopcount_shared.errors.UnavailableError
            If the bus does not take it.
        """
        now = self._clock()
        problems = {number: time_problem(one.at, now) for number, one in enumerate(used)}
        wrong = [FieldError(f"events.{number}.at", said) for number, said in problems.items() if said]
        if wrong:
            raise InvalidInputError(wrong)
        try:
            self._publisher.publish([app_used(used, now)])
        except PublishError:
            raise UnavailableError("try again in a moment", retry_after=1) from None


@dataclass(frozen=True)
class Counted:
    """What became of messages.

    Parameters
    ----------
    numbers
        What they add up to.
    events, unexpected
        How many events they told of, and how many of those were errors that nobody foresaw.
    repeated
        How many messages had been counted before.
    refused
        Why, by message id, others cannot be counted at all.
    """

    numbers: Mapping[Series, Sequence[int]]
    events: int
    unexpected: int
    repeated: int
    refused: Mapping[str, str]


class UsageCounter:
    """Adds up messages, each once as far as this sandbox can tell: it remembers the last ones it has counted.

    Parameters
    ----------
    remembered
        How many.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._remembered = remembered

    def count(self, bodies: Mapping[str, str]) -> Counted:
        """Add up messages, given by their ids."""
        refused: dict[str, str] = {}
        new: dict[str, Envelope[AppUsed]] = {}
        repeated = 0
        for message_id, body in bodies.items():
            try:
                envelope = read_app_used(body)
            except MessageRejectedError as error:
                refused[message_id] = str(error)
                continue
            repeated += envelope.id in self._seen or envelope.id in new
            new.setdefault(envelope.id, envelope)
        events = self._not_seen(new)
        return Counted(
            numbers=tally(events),
            events=len(events),
            unexpected=sum((event.name, event.kind) == UNEXPECTED for event in events),
            repeated=repeated,
            refused=refused,
        )

    def _not_seen(self, envelopes: Mapping[str, Envelope[AppUsed]]) -> list[AppEvent]:
        """Return what is new in them, and remember them."""
        fresh = [envelope for event_id, envelope in envelopes.items() if event_id not in self._seen]
        self._seen.update((envelope.id, None) for envelope in fresh)
        while len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return [event for envelope in fresh for event in envelope.data.events]
