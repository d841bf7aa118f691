"""Clicks as they come: a few links get most of them, a few browsers make most of them, and machines some."""

import bisect
import itertools
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from analytics.domain.clicks import Click, Visitor
from analytics.domain.tallies import LinkKey
from analytics.domain.visitors import BOT, DIRECT, UNKNOWN
from hopcount_shared.base62 import random_text

T = TypeVar("T")

BOTS = 0.1
"""Which part of all clicks machines make."""

_COUNTRIES: Mapping[str, tuple[float, str]] = {
    # Weight, and the language of most people there.
    "US": (30, "en"), "IN": (11, "en"), "GB": (7, "en"), "DE": (6, "de"), "BR": (5, "pt"), "FR": (4.5, "fr"),
    "CA": (4, "en"), "JP": (3.5, "ja"), "AU": (2.5, "en"), "ES": (2.5, "es"), "IT": (2.5, "it"),
    "NL": (2.3, "nl"), "MX": (2.2, "es"), "ID": (2, "id"), "PL": (1.6, "pl"), "CH": (1.4, "de"),
    "SE": (1.2, "sv"), "KR": (1.2, "ko"), "TR": (1.2, "tr"), "PH": (1.1, "en"), "AR": (0.9, "es"),
    "BE": (0.8, "nl"), "AT": (0.8, "de"), "DK": (0.6, "da"), "NO": (0.6, "nb"), "PT": (0.6, "pt"),
    "ZA": (0.6, "en"), "NG": (0.6, "en"), "CO": (0.5, "es"), "IE": (0.5, "en"), "FI": (0.5, "fi"),
    "CZ": (0.5, "cs"), "RO": (0.4, "ro"), "VN": (0.4, "vi"), "TH": (0.4, "th"), "MY": (0.4, "en"),
    "SG": (0.4, "en"), "IL": (0.4, "he"), "GR": (0.3, "el"), "HU": (0.3, "hu"), "CL": (0.3, "es"),
    "NZ": (0.3, "en"), "UA": (0.3, "uk"), "EG": (0.3, "ar"), "AE": (0.3, "ar"), "SA": (0.3, "ar"),
    "PK": (0.3, "en"), "TW": (0.3, "zh"), "HK": (0.2, "zh"), UNKNOWN: (0.5, UNKNOWN),
}  # fmt: skip
_DEVICES: Mapping[tuple[str, str, str], float] = {
    ("mobile", "Mobile Safari", "iOS"): 25, ("mobile", "Chrome Mobile", "Android"): 24,
    ("desktop", "Chrome", "Windows"): 19, ("desktop", "Chrome", "Mac OS X"): 6,
    ("desktop", "Edge", "Windows"): 6,
    ("desktop", "Safari", "Mac OS X"): 5, ("desktop", "Firefox", "Windows"): 3,
    ("mobile", "Samsung Internet", "Android"): 3, ("mobile", "Facebook", "iOS"): 1.5,
    ("mobile", "Instagram", "iOS"): 1.5, ("mobile", "Chrome Mobile iOS", "iOS"): 1.5,
    ("tablet", "Mobile Safari", "iOS"): 1, ("desktop", "Firefox", "Linux"): 0.8,
    ("desktop", "Chrome", "Linux"): 0.8,
    ("desktop", "Opera", "Windows"): 0.7, ("mobile", "Firefox Mobile", "Android"): 0.5,
    ("tablet", "Chrome", "Android"): 0.5, ("desktop", "Chrome", "Chrome OS"): 0.5,
    ("other", UNKNOWN, UNKNOWN): 0.3,
}  # fmt: skip
_SITES: Mapping[str, float] = {
    DIRECT: 48, "www.google.com": 11, "t.co": 8, "www.facebook.com": 5, "l.instagram.com": 5,
    "www.linkedin.com": 4, "www.reddit.com": 3, "www.youtube.com": 3, "news.ycombinator.com": 1.5,
    "www.bing.com": 1.5, "duckduckgo.com": 1, "github.com": 1,
}  # fmt: skip
_SMALL_SITES = 400
_SMALL_SITES_WEIGHT = 8.0


class Visitors:
    """Draws visitors.

    Parameters
    ----------
    dice
        The random source.
    """

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        small = {f"blog-{n}.example.net": _SMALL_SITES_WEIGHT / n / 6.6 for n in range(1, _SMALL_SITES + 1)}
        self._sites = _Weighted({**_SITES, **small}, dice)
        self._devices = _Weighted(_DEVICES, dice)
        self._countries = _Weighted({name: weight for name, (weight, _) in _COUNTRIES.items()}, dice)

    def draw(self) -> Visitor:
        """Draw one."""
        if self._dice.random() < BOTS:
            return BOT
        country = self._countries.draw()
        device, browser, system = self._devices.draw()
        # One in six speaks what most of the world's browsers do, whatever their country does.
        language = "en" if self._dice.random() < 1 / 6 else _COUNTRIES[country][1]
        return Visitor(
            is_bot=False,
            country=country,
            device=device,
            browser=browser,
            os=system,
            referrer=self._sites.draw(),
            language=language,
        )


class _Weighted(Generic[T]):
    """Draws one of several things by weight."""

    def __init__(self, weights: Mapping[T, float], dice: random.Random) -> None:
        self._things = list(weights)
        self._sums = list(itertools.accumulate(weights.values()))
        self._dice = dice

    def draw(self) -> T:
        return self._things[bisect.bisect(self._sums, self._dice.random() * self._sums[-1])]


def make_links(number: int, users: int, dice: random.Random) -> Sequence[LinkKey]:
    """Make links, each of a random user."""
    owners = [str(uuid.UUID(int=dice.getrandbits(128), version=4)) for _ in range(users)]
    return [LinkKey(random_text(7, dice.choice), dice.choice(owners)) for _ in range(number)]


class Producers:
    """Redirects that number the clicks they see.

    Parameters
    ----------
    number
        How many run.
    dice
        The random source.
    """

    def __init__(self, number: int, dice: random.Random) -> None:
        self._names = [random_text(22, dice.choice) for _ in range(number)]
        # They did not all begin with the measurement, so their blocks do not all end at once.
        self._seen = [dice.randrange(64) for _ in range(number)]
        self._dice = dice

    def next(self) -> tuple[str, int]:
        """Return the name and number of the next click that one of them sees."""
        which = int(self._dice.random() * len(self._names))
        self._seen[which] += 1
        return self._names[which], self._seen[which] - 1


def zipf_clicks(
    links: Sequence[LinkKey], rate: float, seconds: float, begins: datetime, dice: random.Random
) -> Iterator[Click]:
    """Yield the clicks of some time in their order, at random moments; the n-th link gets 1/n of the first's.

    Parameters
    ----------
    links
        From the most followed to the least.
    rate
        Clicks per second, on average.
    seconds
        For how long.
    begins
        When.
    dice
        The random source.
    """
    popular = _Weighted({link: 1 / place for place, link in enumerate(links, 1)}, dice)
    producers, visitors = Producers(max(2, round(rate / 20)), dice), Visitors(dice)
    after = dice.expovariate(rate)
    while after < seconds:
        link, (producer, sequence) = popular.draw(), producers.next()
        yield Click(
            link.short_code,
            link.user_id,
            producer,
            sequence,
            begins + timedelta(seconds=after),
            visitors.draw(),
        )
        after += dice.expovariate(rate)
