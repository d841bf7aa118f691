"""The links of the demo account in debug mode: the same ones each time, made up to a given moment."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from hopcount_app.api_service.debug_clicks import Traffic
from hopcount_app.api_service.models import Link

BASE_URL = "https://sho.rt"
_BUSY = 8
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Seed:
    """A link to be: its target, age in days, people a day, and what is special about it.

    `ends` is when it expires, in days from now; `trashed` how many days ago it was deleted.
    """

    url: str
    age: int
    people: float = 0.4
    alias: str | None = None
    machines: float = 0.3
    status: int = 301
    ends: float | None = None
    trashed: float | None = None
    disabled: str | None = None
    imported: int = 0
    max_age: int | None = None


_SPECIAL = (
    Seed("https://example.com/launch/autumn?utm_source=newsletter", 0, 31, "autumn-launch", 4, 302, ends=20),
    Seed("https://www.python.org/downloads/", 1, 3, "get-python"),
    Seed("https://docs.python.org/3/library/asyncio-task.html#task-cancellation", 3, 1.4),
    Seed("https://en.wikipedia.org/wiki/URL_shortening", 4, 0.8, "what-is-this"),
    Seed("https://example.org/surveys/2026/how-did-we-do?lang=en", 6, 12, "survey", 1.5, 307, ends=2.2),
    Seed("https://github.com/python/cpython/issues?q=is%3Aopen+label%3Atype-bug+sort%3Aupdated-desc", 8, 2.1),
    Seed("https://www.openstreetmap.org/#map=17/46.94809/7.44744", 11, 5, "find-us", 1),
    Seed("https://example.com/webinar/serverless-in-practice/register", 13, 22, "webinar", 3, 302, ends=-3),
    Seed("https://calendar.example.com/book/ada/30-minutes", 16, 3.3, "meet-ada", max_age=300),
    Seed("https://www.rfc-editor.org/rfc/rfc9457.html", 19, 1.1, "problem-details"),
    Seed("https://example.net/free-gift-cards", 21, 6, machines=9, disabled="Reported as phishing"),
    Seed("https://status.example.com/", 24, 4, "status-page", 14, max_age=60),
    Seed("https://docs.aws.amazon.com/lambda/latest/dg/welcome.html", 29, 2.4, "lambda-docs"),
    Seed(
        "https://example.com/careers/engineering?ref=poster-" + "hauptbahnhof-" * 9 + "gleis-7", 33, 8, "jobs"
    ),
    Seed("https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Status/301", 38, 1.7),
    Seed("https://beispiel.example/produkte/k%C3%A4se/z%C3%BCrich", 44, 0.9, "kaese"),
    Seed("https://example.org/agm/2026/minutes.pdf", 52, 2.8, "agm", ends=-8),
    Seed("https://www.w3.org/TR/WCAG22/", 58, 1.3, "wcag"),
    Seed("https://example.com/handbook/onboarding/first-week", 71, 3.9, "onboarding"),
    Seed("https://www.nasa.gov/image-of-the-day/", 83, 6.5, "space", 2.5, imported=1840),
    Seed("https://peps.python.org/pep-0008/", 96, 2.2, "pep8", imported=412),
    Seed("https://www.gutenberg.org/ebooks/1342", 117, 1.6, imported=97),
    Seed("https://example.com/press/kit.zip", 131, 1.0, "press-kit", machines=2.2),
    Seed("https://archive.org/details/texts", 158, 0.7),
    Seed("https://example.com/spring-sale", 176, 14, "spring", 2, ends=-95),
    Seed("https://commons.wikimedia.org/wiki/Main_Page", 204, 0.8, imported=233),
    Seed("https://example.com/wifi", 241, 4.4, "wifi", 0.2),
    Seed("https://www.bbc.co.uk/weather/2661552", 275, 1.2),
    Seed("https://example.com/imprint", 310, 0.3, "impressum"),
    Seed("https://example.org/donate?campaign=winter", 352, 5.1, "donate", 1.1, 308, imported=5120),
    Seed("https://example.com/old-campaign", 64, 3, "old-campaign", trashed=0.2),
    Seed("https://example.com/typo-in-this-adress", 5, 0, trashed=4.7),
    Seed("https://docs.example.com/v1/getting-started", 190, 2, "docs-v1", trashed=12),
    Seed("https://example.com/party/2025", 330, 4, "party", ends=-300, trashed=26),
)
_PATHS = (
    "https://example.com/blog/why-we-count-clicks-exactly-once",
    "https://example.com/blog/how-a-link-ends",
    "https://docs.example.com/api/errors",
    "https://docs.example.com/guides/import-from-elsewhere",
    "https://github.com/aws-powertools/powertools-lambda-python",
    "https://packaging.python.org/en/latest/tutorials/packaging-projects/",
    "https://shop.example.org/item/4711?colour=green",
    "https://example.org/talks/2026/event-driven/slides.pdf",
    "https://forum.example.com/t/aliases-with-umlauts/318",
    "https://www.iana.org/domains/reserved",
    "https://www.unicode.org/charts/",
    "https://example.net/menu/today",
    "https://tickets.example.com/browse/HOP-204",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A made-up link, and how it is followed."""

    link: Link
    traffic: Traffic


def make_links(now: datetime) -> Iterator[Made]:
    """Yield about sixty links as they are at `now`."""
    dice = random.Random(6)  # noqa: S311  the same each time, and they hide nothing
    for seed in (*_SPECIAL, *_ordinary(dice)):
        yield _make(seed, now, dice)


def _ordinary(dice: random.Random) -> Iterator[Seed]:
    for path in _PATHS:
        yield Seed(path, dice.randint(2, 120), round(dice.uniform(0.1, 2.5), 2))
        yield Seed(f"{path}{'&' if '?' in path else '?'}utm_source=poster", dice.randint(10, 200), 0.2)


def _make(seed: Seed, now: datetime, dice: random.Random) -> Made:
    code = seed.alias or "".join(dice.choices(_LETTERS, k=7))
    made = now - timedelta(days=seed.age, minutes=dice.randint(3, 600))
    deleted = None if seed.trashed is None else now - timedelta(days=seed.trashed)
    disabled = None if seed.disabled is None else now - timedelta(days=2, hours=5)
    expires = None if seed.ends is None else now + timedelta(days=seed.ends)
    until = min(moment for moment in (now, expires, deleted, disabled) if moment is not None)
    traffic = Traffic(code, made.date(), until.date(), _BUSY * seed.people, 3 * seed.machines)
    clicks, bot_clicks = traffic.total(now)
    return Made(
        Link(
            id=code,
            short_url=f"{BASE_URL}/{code}",
            original_url=seed.url,
            created_at=made,
            updated_at=made,
            clicks=clicks,
            bot_clicks=bot_clicks,
            imported_clicks=seed.imported,
            redirect_status=seed.status,
            max_age=seed.max_age,
            expires_at=expires,
            deleted_at=deleted,
            disabled_at=disabled,
            disabled_reason=seed.disabled,
            etag='"1"',
        ),
        traffic,
    )
