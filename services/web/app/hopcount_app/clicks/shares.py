"""Who followed a link: the values of a dimension, most first, each with its share of all people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hopcount_app.clicks.countries import COUNTRIES
from hopcount_app.clicks.languages import LANGUAGES

OTHER = "other"
UNKNOWN = "unknown"
DIRECT = "direct"

TITLES: Mapping[str, str] = {
    "country": "Countries",
    "referrer": "Where they came from",
    "device": "Devices",
    "browser": "Browsers",
    "os": "Systems",
    "language": "Languages",
}
"""What each dimension of the API is called, in the order in which they are shown."""

_ANYWHERE = {OTHER: "Others", UNKNOWN: "Unknown"}
_NAMES: Mapping[str, Mapping[str, str]] = {
    "country": COUNTRIES,
    "language": LANGUAGES,
    "device": {
        "desktop": "Computer",
        "mobile": "Phone",
        "tablet": "Tablet",
        "tv": "Television",
        "console": "Game console",
    },
    "referrer": {DIRECT: "Direct: typed, scanned, or not told"},
}


@dataclass(frozen=True, slots=True)
class Share:
    """A value of a dimension.

    Parameters
    ----------
    label
        What to call it.
    clicks
        How many people.
    part
        Their part of all people of the dimension, 0 to 1.
    """

    label: str
    clicks: int
    part: float

    @property
    def percent(self) -> str:
        """The part in words: never `0%` for somebody, never `100%` for less than all."""
        if 0 < self.part < 0.01:
            return "<1%"
        if 0.99 < self.part < 1:
            return ">99%"
        return f"{self.part:.0%}"


def shares(dimension: str, values: Mapping[str, int], most: int = 8) -> list[Share]:
    """Return the values of a dimension, most people first; unknown ones and the rest come last.

    Parameters
    ----------
    dimension
        One of `TITLES`.
    values
        People by value, as the API tells.
    most
        How many values to name; others are added to the rest.
    """
    total = sum(values.values())
    named = sorted(
        ((name, n) for name, n in values.items() if n and name not in {OTHER, UNKNOWN}),
        key=lambda item: (-item[1], item[0]),
    )
    rest = values.get(OTHER, 0) + sum(n for _, n in named[most:])
    last = [(UNKNOWN, values.get(UNKNOWN, 0)), (OTHER, rest)]
    return [Share(label(dimension, name), n, n / total) for name, n in (*named[:most], *last) if n]


def label(dimension: str, value: str) -> str:
    """Return what to call a value; what has no name of ours keeps its own."""
    return _ANYWHERE.get(value) or _NAMES.get(dimension, {}).get(value) or value
