"""What the demo shortens, and who follows it."""

from __future__ import annotations

import importlib.resources
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import fake_useragent

URLS = (
    "https://www.python.org/downloads/",
    "https://docs.aws.amazon.com/lambda/latest/dg/welcome.html",
    "https://en.wikipedia.org/wiki/URL_shortening",
    "https://www.rfc-editor.org/rfc/rfc9457.html",
    "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Status/301",
    "https://www.nasa.gov/image-of-the-day/",
    "https://www.gutenberg.org/ebooks/1342",
    "https://www.openstreetmap.org/#map=12/52.3702/4.8952",
    "https://commons.wikimedia.org/wiki/Main_Page",
    "https://peps.python.org/pep-0008/",
    "https://www.w3.org/TR/WCAG22/",
    "https://archive.org/details/texts",
)
"""Public pages that have been where they are for years."""

PEOPLE = (14, 10, 8, 6, 5, 4, 4, 3, 3, 2, 2, 1)
"""Visits by people for each of `URLS`: few links get most clicks, as everywhere."""

BOTS = (3, 2, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0)
"""Visits by crawlers for each of `URLS`."""

CRAWLERS = ("bingbot", "DuckDuckBot", "Googlebot", "LinkedInBot", "Twitterbot")
COUNTRIES = ("US", "US", "US", "IN", "IN", "DE", "GB", "BR", "NL", "JP", "FR", "NG", "CA", "AU", "ES", "SE")
LANGUAGES = {"BR": "pt-BR", "DE": "de-DE", "ES": "es-ES", "FR": "fr-FR", "JP": "ja-JP", "NL": "nl-NL"}
REFERRERS = (None, None, "https://news.ycombinator.com/", "https://www.google.com/", "https://github.com/")


@dataclass(frozen=True)
class Visit:
    """One request for a short link."""

    user_agent: str
    country: str
    method: str = "GET"
    referrer: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a click: a HEAD request asks where a link goes and does not go there."""
        return self.method == "GET"

    @property
    def headers(self) -> dict[str, str]:
        """What such a visitor's browser sends, and the header by which the front door places it."""
        sent = {
            "User-Agent": self.user_agent,
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": f"{LANGUAGES.get(self.country, 'en-US')},en;q=0.5",
            "X-Hopcount-Viewer-Country": self.country,
        }
        return sent | ({"Referer": self.referrer} if self.referrer else {})


@dataclass
class Visitors:
    """Draws visits with user agents as they were seen in the wild, browsers by how common they are."""

    chance: random.Random
    _browsers: list[str] = field(init=False)
    _weights: list[float] = field(init=False)
    _crawlers: list[str] = field(init=False)

    def __post_init__(self) -> None:
        crawlers = importlib.resources.files("crawleruseragents") / "crawler-user-agents.json"
        seen = fake_useragent.UserAgent().data_browsers
        self._browsers = [entry["useragent"] for entry in seen]
        self._weights = [entry["percent"] for entry in seen]
        self._crawlers = [
            agent
            for entry in json.loads(crawlers.read_text())
            if entry["pattern"].replace("\\", "").rstrip("/") in CRAWLERS
            for agent in entry["instances"]
        ]

    def of_link(self, number: int) -> Iterator[Visit]:
        """Yield every visit that the link with this place in `URLS` gets."""
        for _ in range(PEOPLE[number]):
            agent = self.chance.choices(self._browsers, self._weights)[0]
            yield Visit(agent, self.chance.choice(COUNTRIES), referrer=self.chance.choice(REFERRERS))
        for _ in range(BOTS[number]):
            yield Visit(self.chance.choice(self._crawlers), "US")
        yield Visit("curl/8.5.0", self.chance.choice(COUNTRIES), method="HEAD")
