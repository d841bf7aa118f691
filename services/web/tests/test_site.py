"""The landing page: small, from this host alone, and readable without its script."""

import re
from itertools import pairwise
from pathlib import Path

SITE = Path(__file__).resolve().parents[1] / "site"
PAGE = (SITE / "index.html").read_text()
OWN = re.findall(r'(?:src|href)="(/[^"]+\.\w+)"', PAGE)
"""The files that the page loads."""


def test_it_is_small() -> None:
    files = {"index.html", *(path[1:] for path in OWN)}
    assert files > {"app/assets/site.css", "app/assets/icon.svg", "app/assets/live.js"}
    assert sum((SITE / file).stat().st_size for file in files) < 30_000  # uncompressed; 100 KB is the limit


def test_it_loads_nothing_from_another_host() -> None:
    sheet, script = ((SITE / "app/assets" / name).read_text() for name in ("site.css", "live.js"))
    assert not re.search(r'(?:src|href)="(?!/|#)', PAGE)
    assert not re.search(r"url\(|@import|https?:", sheet)
    assert not re.search(r"https?:", script)


def test_it_runs_no_script_and_has_no_style_of_its_own() -> None:
    assert re.findall(r"<script[^>]*>[^<]*", PAGE) == ['<script src="/app/assets/live.js" defer>']
    assert not re.search(r"<style|style=|\son\w+=|javascript:", PAGE)


def test_what_only_the_script_can_say_is_hidden_without_it() -> None:
    [live] = re.findall(r'<dl [^>]*id="live"[^>]*>', PAGE)
    assert live.endswith("hidden>")


def test_it_leads_to_the_app_and_to_places_that_are_there() -> None:
    assert 'href="/app/"' in PAGE
    ids = set(re.findall(r'id="([\w-]+)"', PAGE))
    assert set(re.findall(r'href="#([^"]*)"', PAGE)) <= ids
    assert set(re.findall(r'aria-labelledby="([\w-]+)"', PAGE)) <= ids


def test_everybody_can_find_their_way() -> None:
    assert PAGE.count("<h1>") == PAGE.count("<main") == 1
    levels = [int(level) for level in re.findall(r"<h(\d)", PAGE)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert '<html lang="en">' in PAGE
    assert all('alt="' in image for image in re.findall(r"<img [^>]*>", PAGE))
    assert all("<title" in svg for svg in re.findall(r"<svg.*?</svg>", PAGE, re.DOTALL))
