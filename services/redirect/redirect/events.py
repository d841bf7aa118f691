"""What this service tells the others: `LinkClicked.v1`.

Written by hand, since the library that the other services write events with would be most of a cold start.
tests/contract holds it to what was promised.
"""

from __future__ import annotations

import json
from datetime import datetime

from hopcount_shared.times import to_iso
from redirect.domain.link import Link
from redirect.domain.value import Value
from redirect.domain.visit import Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SOURCE = "hopcount.redirect"

# Made once: `json.dumps` makes one for each event.
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Event(Value):
    """An event as it travels.

    Parameters
    ----------
    envelope
        The whole of it: `id`, `type`, `version`, `source`, `time`, `correlationId`, `data`.
    """

    __slots__ = ("envelope",)

    def __init__(self, envelope: dict[str, Any]) -> None:
        self.envelope = envelope

    @property
    def id(self) -> str:
        """Names the fact for ever: the same fact, published twice, has the same id."""
        return str(self.envelope["id"])

    @property
    def detail_type(self) -> str:
        """The bus entry's detail type."""
        return f"{self.envelope['type']}.v{self.envelope['version']}"

    def to_json(self) -> str:
        """Write the envelope as it travels."""
        return _encode(self.envelope)


def link_clicked(
    link: Link, visit: Visit, number: tuple[str, int], occurred_at: datetime, correlation_id: str | None
) -> Event:
    """Make the event of one click: it holds no address, and nothing else that identifies a visitor.

    Parameters
    ----------
    link, visit
        What was followed, and what is known about it.
    number
        The sandbox that saw the click, and its number there; together the click's id.
    occurred_at
        The sandbox's clock. It decides the day, also when the event arrives later.
    correlation_id
        The request that led to it, if one did.
    """
    producer, sequence = number
    moment = to_iso(occurred_at)
    return Event(
        {
            "id": f"{producer}:{sequence}",
            "type": "LinkClicked",
            "version": 1,
            "source": SOURCE,
            "time": moment,
            "correlationId": correlation_id,
            "data": {
                "shortCode": link.code,
                "userId": link.owner,
                "producer": producer,
                "sequence": sequence,
                "occurredAt": moment,
                "country": visit.country,
                "userAgent": visit.user_agent,
                "referrerHost": visit.referrer_host,
                "language": visit.language,
            },
        }
    )
