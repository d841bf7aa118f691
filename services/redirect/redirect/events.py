"""What this service tells the others."""

from datetime import datetime

from pydantic import Field

from hopcount_shared.events import Envelope, EventData, Moment
from redirect.domain.link import Link
from redirect.domain.visit import Visit

SOURCE = "hopcount.redirect"


class LinkClicked(EventData):
    """Somebody followed a link. Holds no address, and nothing else that identifies a visitor.

    Parameters
    ----------
    short_code, user_id
        The link, and its owner.
    producer, sequence
        The sandbox that saw the click, and its number there; together the click's id.
    occurred_at
        The sandbox's clock. It decides the day, also when the event arrives later.
    country, user_agent, referrer_host, language
        As in `redirect.domain.visit.Visit`.
    """

    short_code: str
    user_id: str
    producer: str = Field(pattern=r"^[0-9A-Za-z]{22}$")
    sequence: int = Field(ge=0)
    occurred_at: Moment
    country: str | None = None
    user_agent: str | None = None
    referrer_host: str | None = None
    language: str | None = None


def link_clicked(
    link: Link, visit: Visit, number: tuple[str, int], occurred_at: datetime, correlation_id: str | None
) -> Envelope[LinkClicked]:
    """Make the event of one click."""
    producer, sequence = number
    return Envelope(
        id=f"{producer}:{sequence}",
        type="LinkClicked",
        version=1,
        source=SOURCE,
        time=occurred_at,
        correlation_id=correlation_id,
        data=LinkClicked(
            short_code=link.code,
            user_id=link.owner,
            producer=producer,
            sequence=sequence,
            occurred_at=occurred_at,
            country=visit.country,
            user_agent=visit.user_agent,
            referrer_host=visit.referrer_host,
            language=visit.language,
        ),
    )
