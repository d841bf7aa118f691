"""Put clicks on the bus, and lose none when the bus does not take them."""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from hopcount_shared.events import Envelope
from redirect.logs import log


class Publisher(Protocol):
    """Where events go."""

    def publish(self, envelopes: Sequence[Envelope[Any]]) -> None:
        """Publish, or raise."""


class BusClicks:
    """Publishes each click; never raises.

    Parameters
    ----------
    publisher
        The bus.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def record(self, click: Envelope[Any]) -> None:
        """Publish the click, or write all of it to the log, whence a replay can restore it."""
        try:
            self._publisher.publish([click])
        except Exception as error:  # noqa: BLE001 a redirect never fails because counting does
            log(
                "ERROR",
                "click not published",
                error=type(error).__name__,
                eventId=click.id,
                event=json.loads(click.to_json()),
            )
