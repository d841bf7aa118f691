"""One look: the app and the plain pages share their colours, and all of them can be read."""

import re
from pathlib import Path

import flet as ft
import pytest

from hopcount_app import theme
from hopcount_app.components import brand

WEB = Path(__file__).resolve().parents[2]
SITE = WEB / "site/app/assets/site.css"
PLACES = {"surface": "paper", "on_surface": "ink", "on_surface_variant": "quiet", "primary": "accent"} | {
    "surface_container_lowest": "raised",
    "surface_container": "sunken",
    "outline_variant": "line",
    "outline": "edge",
    "on_primary": "on-accent",
    "primary_container": "soft",
    "on_primary_container": "on-soft",
}
"""What the site calls the colours of the theme."""

ROLES = ("primary", "secondary", "tertiary", "error")
READ = [
    *(("on_surface", ground) for ground in ("surface", "surface_container_lowest", "surface_container")),
    *(("on_surface_variant", ground) for ground in ("surface", "surface_container_lowest")),
    *((colour, "surface") for colour in ("primary", "error", "tertiary")),
    *((f"on_{role}", role) for role in ("primary", "secondary", "tertiary", "error")),
    *(
        (f"on_{role}_container", f"{role}_container")
        for role in ("primary", "secondary", "tertiary", "error")
    ),
    ("on_inverse_surface", "inverse_surface"),
    ("inverse_primary", "inverse_surface"),
]
"""Text and what it stands on."""
SEEN = [
    *((line, "surface_container_lowest") for line in ("primary", "tertiary")),  # the lines of a chart
    ("outline", "surface"),  # the edge of a field
    ("primary", "surface_container_high"),  # a bar on its track
]
"""Shapes that mean something, and what they stand on."""

SCHEMES = {"light": theme.light().color_scheme, "dark": theme.dark().color_scheme}


def colour(scheme: ft.ColorScheme | None, role: str) -> str:
    return str(getattr(scheme, role)).lower()


def luminance(colour: str) -> float:
    """Return a colour's relative luminance (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), READ)
def test_text_can_be_read(mode: str, text: str, ground: str) -> None:
    assert contrast(colour(SCHEMES[mode], text), colour(SCHEMES[mode], ground)) >= 4.5


@pytest.mark.parametrize("mode", SCHEMES)
@pytest.mark.parametrize(("shape", "ground"), SEEN)
def test_shapes_can_be_seen(mode: str, shape: str, ground: str) -> None:
    assert contrast(colour(SCHEMES[mode], shape), colour(SCHEMES[mode], ground)) >= 3


@pytest.mark.parametrize(
    "sheet",
    [SITE, WEB.parent / "redirect/redirect/pages.py"],
    ids=["site", "redirect's pages"],
)
@pytest.mark.parametrize("mode", SCHEMES)
def test_the_plain_pages_have_the_themes_colours(sheet: Path, mode: str) -> None:
    text = sheet.read_text()
    for role, name in PLACES.items():
        values = re.findall(rf"--{name}: ?(#[0-9a-f]{{6}})", text)
        if sheet == SITE or values:
            assert values[list(SCHEMES).index(mode)] == colour(SCHEMES[mode], role), name


def test_the_site_uses_no_other_colour() -> None:
    text = SITE.read_text()
    rules = text[text.index("* { box-sizing") :]
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl|oklch", rules)
    assert set(re.findall(r"var\(--([\w-]+)\)", rules)) <= set(PLACES.values())


def test_the_mark_is_that_of_the_site() -> None:
    icon = (WEB / "site/app/assets/icon.svg").read_text()
    assert brand.HOPS in icon
    assert brand.DOT in icon
