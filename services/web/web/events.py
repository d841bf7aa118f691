"""What this service tells the others, and reads again itself to count it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from hopcount_shared.base62 import random_text
from hopcount_shared.events import Envelope, EventData, Moment, read_event
from web.domain.usage import Used

SOURCE = "hopcount.web"
_ID_LENGTH = 22
"""131 bits: no two ids are alike."""

# Lists of names grow with the app. A version of an event may not change, so it promises their form alone.
Word = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]


class AppEvent(EventData):
    """Something that somebody did in the app; nothing says who.

    Parameters
    ----------
    hour
        The hour in which it happened, UTC.
    name
        What: `screen` (a view was opened), `error`, or an action such as `sign_in` or `link_created`.
    screen
        Which view, if it was one.
    kind
        Which kind of error, if it was one.
    result
        `ok` or `failed`, if the app said.
    region
        The AWS region that answered the app, if it said.
    milliseconds
        How long they waited for it, if the app said.
    """

    hour: Moment
    name: Word
    screen: Word | None = None
    kind: Word | None = None
    result: Word | None = None
    region: Annotated[str, Field(max_length=32)] | None = None
    milliseconds: Annotated[int, Field(ge=0)] | None = None


class AppUsed(EventData):
    """The app told what was done in it, without saying by whom. No archive keeps it.

    Parameters
    ----------
    events
        What was done, in no order.
    """

    events: Annotated[tuple[AppEvent, ...], Field(min_length=1)]


def app_used(used: Sequence[Used], now: datetime, event_id: str | None = None) -> Envelope[AppUsed]:
    """Make the event. It names no request: with the access log, that would say to the second when.

    Parameters
    ----------
    used
        What was done.
    now
        When this was told.
    event_id
        For tests; otherwise a new one.
    """
    return Envelope(
        id=event_id or random_text(_ID_LENGTH),
        type="AppUsed",
        version=1,
        source=SOURCE,
        time=now.replace(minute=0, second=0, microsecond=0),
        data=AppUsed(events=tuple(map(_app_event, used))),
    )


def _app_event(used: Used) -> AppEvent:
    return AppEvent(
        hour=used.hour,
        name=used.name,
        screen=used.screen,
        kind=used.kind,
        result=used.result,
        region=used.region,
        milliseconds=used.milliseconds,
    )


def read_app_used(body: str) -> Envelope[AppUsed]:
    """Read a queue message.

    Raises
    ------
    MessageRejectedError
        If the message is malformed or tells something else. The reason names fields, never what they hold.
    """
    return read_event(Envelope[AppUsed], body, SOURCE, {"AppUsed.v1"})
