"""Who it was: most first, the rest last, in words that people know."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopcount_app.clicks.countries import COUNTRIES
from hopcount_app.clicks.languages import LANGUAGES
from hopcount_app.clicks.shares import TITLES, Share, label, shares


def test_most_first_and_the_unknown_and_others_last() -> None:
    rows = shares("country", {"unknown": 50, "CH": 30, "other": 90, "DE": 30, "FR": 0})
    assert [(row.label, row.clicks) for row in rows] == [
        ("Switzerland", 30),
        ("Germany", 30),
        ("Unknown", 50),
        ("Others", 90),
    ]
    assert rows[0].part == pytest.approx(0.15)


def test_what_is_not_named_joins_the_others() -> None:
    values = {f"site-{n}.example": n for n in range(1, 7)} | {"other": 3}
    rows = shares("referrer", values, most=2)
    assert [(row.label, row.clicks) for row in rows] == [
        ("site-6.example", 6),
        ("site-5.example", 5),
        ("Others", 13),
    ]


def test_nobody_has_no_rows() -> None:
    assert shares("device", {}) == []
    assert shares("device", {"desktop": 0}) == []


@given(st.dictionaries(st.sampled_from(["CH", "DE", "FR", "US", "unknown", "other"]), st.integers(0, 10**9)))
def test_nobody_is_lost(values: dict[str, int]) -> None:
    rows = shares("country", values, most=2)
    assert sum(row.clicks for row in rows) == sum(values.values())
    assert not rows or sum(row.part for row in rows) == pytest.approx(1)


@pytest.mark.parametrize(
    ("part", "text"),
    [(0.001, "<1%"), (0.999, ">99%"), (1.0, "100%"), (0.5, "50%"), (0.014, "1%")],
)
def test_somebody_is_never_nobody(part: float, text: str) -> None:
    assert Share("x", 1, part).percent == text


@pytest.mark.parametrize(
    ("dimension", "value", "text"),
    [
        ("country", "CI", "Côte d'Ivoire"),
        ("country", "ZZ", "ZZ"),
        ("language", "fil", "Filipino"),
        ("language", "qaa", "qaa"),
        ("device", "mobile", "Phone"),
        ("device", "watch", "watch"),
        ("referrer", "direct", "Direct: typed, scanned, or not told"),
        ("referrer", "news.example", "news.example"),
        ("browser", "Firefox", "Firefox"),
        ("os", "other", "Others"),
    ],
)
def test_values_have_names(dimension: str, value: str, text: str) -> None:
    assert label(dimension, value) == text


def test_every_country_and_language_has_a_code_and_a_name() -> None:
    assert len(COUNTRIES) == 250
    for code, name in {**COUNTRIES, **LANGUAGES}.items():
        assert re.fullmatch("[A-Z]{2}|[a-z]{2,3}", code)
        assert name[0].isupper()


def test_every_dimension_of_the_api_has_a_title() -> None:
    assert set(TITLES) == {"country", "device", "browser", "os", "referrer", "language"}
