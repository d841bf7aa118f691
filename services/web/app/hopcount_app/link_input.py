"""What somebody typed of a link, as the API wants it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hopcount_app import validation
from hopcount_app.api_service.errors import InvalidError
from hopcount_app.api_service.models import Link, LinkDraft

STATUSES = {
    301: "301: for good; browsers may remember it",
    302: "302: for now; each visit is counted",
    307: "307: for now, and forms are sent on as they are",
    308: "308: for good, and forms are sent on as they are",
}
_MOMENT = "%Y-%m-%d %H:%M"


@dataclass
class Options:
    """The choices beside the text fields; `max_age` is as typed, in seconds."""

    status: int = 301
    max_age: str = ""
    pass_query: bool = False

    @classmethod
    def of(cls, link: Link) -> Options:
        """Return those of a link."""
        age = "" if link.max_age is None else str(link.max_age)
        return cls(link.redirect_status, age, link.pass_query)


def read_moment(text: str) -> datetime | None:
    """Return a moment typed by the reader's own clock, such as `2026-12-31 18:00`; empty is `None`.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not text.strip():
        return None
    return datetime.fromisoformat(text.strip()).astimezone()


def on_day(text: str, day: date) -> str:
    """Return what is typed, on another day: at its time, or at the day's end where it has none."""
    try:
        moment = read_moment(text)
    except ValueError:
        moment = None
    return f"{day} {moment:%H:%M}" if moment else f"{day} 23:59"


def day_of(text: str) -> date | None:
    """Return the day that is typed, `None` where there is none."""
    try:
        moment = read_moment(text)
    except ValueError:
        return None
    return moment.date() if moment else None


def write_moment(moment: datetime | None) -> str:
    """Write a moment as it is typed."""
    return moment.astimezone().strftime(_MOMENT) if moment else ""


def check_moment(text: str, now: datetime) -> str | None:
    """Check when a link is to end."""
    try:
        return validation.expiry(read_moment(text), now)
    except ValueError:
        return "Write it as 2026-12-31 18:00, by your own clock."


def draft_of(values: dict[str, str], options: Options) -> LinkDraft:
    """Return the link to be; raise `InvalidError` where an option is wrong."""
    return LinkDraft(
        original_url=values["originalUrl"].strip(),
        alias=values.get("alias", "").strip() or None,
        expires_at=read_moment(values.get("expiresAt", "")),
        redirect_status=None if options.status == 301 else options.status,
        max_age=_max_age(options),
        pass_query=options.pass_query or None,
    )


def changes_of(link: Link, values: dict[str, str], options: Options) -> dict[str, Any]:
    """Return the fields that are another than they were, by their Python names."""
    ends = values.get("expiresAt", "")
    wanted = {
        "original_url": values["originalUrl"].strip(),
        "expires_at": link.expires_at if ends == write_moment(link.expires_at) else read_moment(ends),
        "redirect_status": options.status,
        "max_age": _max_age(options),
        "pass_query": options.pass_query,
    }
    return {name: value for name, value in wanted.items() if value != getattr(link, name)}


def _max_age(options: Options) -> int | None:
    wrong = validation.max_age(options.max_age)
    if wrong:
        raise InvalidError(f"Remembered by browsers: {wrong}", {"maxAge": wrong})
    return int(options.max_age) if options.max_age.strip() else None
