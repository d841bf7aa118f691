"""Hand clicks on, once visitors have their answers, and lose none when nobody takes them.

Nothing of this is imported before the first visitor has an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from redirect.domain.click import Click
from redirect.domain.numbering import ClickNumbers
from redirect.domain.visit import read_visit
from redirect.events import Event, link_clicked
from redirect.logs import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from redirect.transports import Transport

REST_SECONDS = 5.0
"""For how long a transport that failed is passed over, lest each click hold its sandbox for a timeout."""


class Clicks:
    """Records clicks; never raises.

    Parameters
    ----------
    transports
        The ways to go, in this order. What none of them takes is written to the log, whence a replay
        restores it.
    numbers
        Names the clicks.
    clock
        `time.monotonic`. An argument for tests.
    """

    def __init__(
        self,
        transports: Sequence[Transport],
        numbers: ClickNumbers,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._transports = transports
        self._numbers = numbers
        self._clock = clock
        self._resting: dict[str, float] = {}

    def record(self, click: Click, deadline: float) -> None:
        """Hand a click on by the deadline (by `clock`), or write all of it to the log."""
        event = link_clicked(
            click.link,
            read_visit(click.headers),
            self._numbers.take(),
            click.occurred_at,
            click.correlation_id,
        )
        self._send(event, deadline)

    def _send(self, event: Event, deadline: float) -> None:
        error: Exception | None = None
        awake = [transport for transport in self._transports if not self._is_resting(transport)]
        for position, transport in enumerate(awake):
            now = self._clock()
            if now >= deadline:
                break
            # Each leaves the others their share of the time.
            share = (deadline - now) / (len(awake) - position)
            try:
                transport.send(event, now + share)
            except Exception as refusal:  # noqa: BLE001 a redirect never fails because counting does
                error = refusal
                self._resting[transport.name] = self._clock() + REST_SECONDS
            else:
                self._tell_of_detour(transport, event)
                return
        reason = type(error).__name__ if error else "resting" if not awake else "late"
        log("ERROR", "click not published", error=reason, eventId=event.id, event=event.envelope)

    def _tell_of_detour(self, transport: Transport, event: Event) -> None:
        if transport is not self._transports[0]:
            log("WARNING", "click sent to the queue", eventId=event.id)

    def _is_resting(self, transport: Transport) -> bool:
        return self._clock() < self._resting.get(transport.name, 0.0)
