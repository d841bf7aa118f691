"""The app as it is delivered: it opens anywhere, asks nobody else, and is not loaded twice."""

import json
import sys
from urllib.parse import urlsplit

import pytest
from bench.app_load import load_app, load_landing, median, report
from playwright.sync_api import Browser

from tests.support.browser import OPENS_WITHIN, AppPage, opened
from tests.support.stack import ROOT

API = (".well-known/", "stats")
"""What the landing page asks of the API beside the site, for its live figures."""


def test_a_view_opens_by_its_address_and_stays_when_it_is_loaded_anew(app: AppPage) -> None:
    path = "/app/links/abc1234?debug=1"
    for page in (app.open(path), app.reload()):
        assert page.url == app.base_url + path
        assert page.title() == "Hopcount"
        page.get_by_role("button", name="New link").first.wait_for(state="attached")


def test_nothing_was_asked_of_another_host_and_nothing_was_refused(app: AppPage) -> None:
    assert app.asked_of_others() == []
    assert app.complaints == []


def test_what_is_loaded_again_comes_from_the_browsers_cache(app: AppPage) -> None:
    loaded = app.page.evaluate(
        "performance.getEntriesByType('resource').map((e) => [new URL(e.name).pathname, e.transferSize])"
    )
    kept = {path: size for path, size in loaded if path.startswith("/app/_/")}
    assert any(path.endswith("main.dart.js") for path in kept)
    assert not {path: size for path, size in kept.items() if size}


def test_a_first_visit_loads_little(app: AppPage) -> None:
    assert sum(map(sent, asked_for(app))) <= 10_500_000


def test_the_landing_page_is_small(browser: Browser, base_url: str) -> None:
    with opened(browser, base_url) as tab:
        tab.page.goto(base_url + "/", wait_until="load")
        assert sum(map(sent, asked_for(tab))) < 100_000


def asked_for(tab: AppPage) -> set[str]:
    """Return which files of the site were asked for, once each; a view is drawn by the app's page."""
    paths = {urlsplit(url).path.removeprefix("/") for url in tab.requests}
    pages = {"": "index.html", "app/": "app/index.html", "app/links/abc1234": "app/index.html"}
    return {pages.get(path, path) for path in paths if not path.startswith(API)}


def sent(path: str) -> int:
    """Return how many bytes of a file go to a browser that takes brotli."""
    manifest = json.loads((ROOT / "build" / "site" / "manifest.json").read_text())
    encodings = manifest["files"][path]["encodings"]
    return int(encodings.get("br", encodings["identity"])["bytes"])


@pytest.mark.parametrize("part", ["**/main.dart.js", "**/app-*.zip", "**/pyodide.asm.mjs"])
def test_a_part_that_cannot_be_loaded_is_said_with_a_way_out(app_page: AppPage, part: str) -> None:
    app_page.context.route(part, lambda route: route.abort())
    page = app_page.page
    page.goto(app_page.base_url + "/app/links/abc1234?debug=1", wait_until="commit")
    page.get_by_role("heading", name="Hopcount did not open").wait_for(timeout=OPENS_WITHIN)
    assert page.get_by_role("button", name="Try again").is_visible()
    assert page.get_by_role("link", name="Go to the start page").get_attribute("href") == "/"


def test_without_scripts_it_says_what_it_needs(browser: Browser, base_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base_url + "/app/")
    assert page.get_by_role("heading", name="Hopcount needs JavaScript").is_visible()
    context.close()


def test_a_load_is_small_and_what_it_takes_is_printed(
    browser: Browser, base_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    landing = load_landing(browser, base_url)
    cold, warm = load_app(browser, base_url)
    figures = {"landing": median([landing]), "cold": median([cold]), "warm": median([warm])}
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *report(figures, cold["files"]), ""]))
    assert 0 < figures["landing"]["bytes"] < 100_000
    assert 0 < figures["cold"]["bytes"] <= 10_500_000
    assert figures["warm"]["bytes"] < 100_000
