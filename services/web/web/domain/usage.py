"""How the app is used: what was done, from closed lists, and in which hour. Never by whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

Name = Literal[
    "screen",
    "sign_in",
    "sign_up",
    "link_created",
    "link_edited",
    "link_deleted",
    "link_restored",
    "error",
]
"""What was done. `screen`: a view was opened; `error`: the app told of one; the others are actions."""

Screen = Literal[
    "links",
    "new",
    "details",
    "trash",
    "account",
    "about",
    "sign_in",
    "sign_up",
    "confirm",
    "forgot",
    "not_found",
]
ErrorKind = Literal[
    "offline",
    "rate_limited",
    "forbidden",
    "invalid",
    "conflict",
    "not_found",
    "session_over",
    "server",
    "unexpected",
]
Result = Literal["ok", "failed"]

NAMES = frozenset(get_args(Name))
SCREENS = frozenset(get_args(Screen))
ERROR_KINDS = frozenset(get_args(ErrorKind))
RESULTS = frozenset(get_args(Result))

MOST_EVENTS = 25
"""What one request may tell."""

LONGEST_MILLISECONDS = 600_000

OLDEST = timedelta(days=1)
FASTEST_CLOCK = timedelta(minutes=5)
"""How old what is told may be, and by how much the teller's clock may be fast."""


@dataclass(frozen=True)
class Used:
    """Something that somebody did in the app.

    Parameters
    ----------
    at
        When, by their clock.
    name
        What.
    screen, kind, result
        Which view, which kind of error, and how it ended; nothing where it does not apply.
    region
        The AWS region that answered them.
    milliseconds
        How long they waited.
    """

    at: datetime
    name: Name
    screen: Screen | None = None
    kind: ErrorKind | None = None
    result: Result | None = None
    region: str | None = None
    milliseconds: int | None = None

    @property
    def hour(self) -> datetime:
        """The hour in which it happened: all of the time that anybody is told."""
        return self.at.replace(minute=0, second=0, microsecond=0)


def time_problem(at: datetime, now: datetime) -> str | None:
    """Say what is wrong with a time, or nothing."""
    if at - now > FASTEST_CLOCK:
        return "must not be in the future"
    if now - at > OLDEST:
        return "must not be older than a day"
    return None
