import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redirect.assets import FAVICON, ROBOTS
from redirect.pages import CONTENT_SECURITY_POLICY, page

SITE = Path(__file__).resolve().parents[2] / "web/site"
PAGE = page(404, "Not found", "There is no link at this address.")


def luminance(colour: str) -> float:
    """Return a colour's relative luminance (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


class TestPage:
    def test_says_what_happened(self) -> None:
        assert "<title>Not found</title>" in PAGE
        assert re.findall("<h1>(.*?)</h1>", PAGE) == ["Not found"]
        assert ">404</p>" in PAGE
        assert "<p>There is no link at this address.</p>" in PAGE

    def test_can_be_read_by_everybody(self) -> None:
        assert PAGE.startswith('<!doctype html><html lang="en">')
        assert PAGE.count("<main>") == PAGE.count("<h1>") == 1
        assert "width=device-width" in PAGE
        assert "user-scalable" not in PAGE
        assert 'aria-hidden="true"' in PAGE  # the picture says nothing

    @pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
    def test_has_contrast(self, mode: int) -> None:
        colours = {
            name: re.findall(f"--{name}:(#[0-9a-f]{{6}})", PAGE)[mode]
            for name in ("paper", "ink", "quiet", "accent")
        }
        for name in ("ink", "quiet", "accent"):
            assert contrast(colours[name], colours["paper"]) >= 4.5, name

    def test_is_not_for_search_engines(self) -> None:
        assert '<meta name="robots" content="noindex">' in PAGE

    def test_runs_and_loads_nothing(self) -> None:
        assert not re.search(r"<script|<link|(src|style|\son\w+)=|url\(|@import|https?:", PAGE)

    def test_leads_to_the_landing_page_and_nowhere_else(self) -> None:
        assert re.findall("<a [^>]*>", PAGE) == ['<a href="/">']

    def test_its_style_is_let_through_and_nothing_else(self) -> None:
        [style] = re.findall("<style>(.*)</style>", PAGE)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert (
            f"default-src 'none'; style-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ) == CONTENT_SECURITY_POLICY

    def test_is_small(self) -> None:
        assert len(page(503, "t" * 100, "x" * 400).encode()) < 2_048

    @given(st.text(), st.text())
    def test_words_stay_words(self, title: str, text: str) -> None:
        tags = re.compile("<[^>]*>")
        assert tags.findall(page(404, title, text)) == tags.findall(page(404, "", ""))


def test_a_start_waits_for_nothing_here() -> None:
    modules = "base64, hashlib, html, json, re, typing"
    script = (
        "import sys; before = set(sys.modules); import redirect.pages, redirect.assets;"
        f"loaded = set(sys.modules) - before; assert not loaded & set('{modules}'.split(', ')), loaded"
    )
    folder = Path(__file__).resolve().parents[1]
    subprocess.run([sys.executable, "-S", "-c", script], cwd=folder, check=True)


class TestAssets:
    def test_are_the_sites_own(self) -> None:
        assert (SITE / "robots.txt").read_text() == ROBOTS
        assert base64.b64decode(FAVICON) == (SITE / "favicon.ico").read_bytes()

    def test_robots_may_follow_links_but_not_read_the_app(self) -> None:
        refused = re.findall("^Disallow: (.*)$", ROBOTS, re.MULTILINE)
        assert "/app/" in refused
        assert all(path.startswith("/") and path.endswith("/") and path != "/" for path in refused)

    def test_the_picture_is_one_that_browsers_know(self) -> None:
        icon = base64.b64decode(FAVICON, validate=True)
        assert icon.startswith(b"\0\0\1\0\1\0 ")
        assert icon[22:].startswith(b"\x89PNG\r\n")
        assert len(icon) < 1_024
