"""The app as it is delivered: it opens anywhere, asks nobody else, and is not loaded twice."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.browser import AppPage, opened
from tests.support.people import Visitor
from tests.support.stack import ROOT, Stack

MANIFEST = json.loads((ROOT / "build" / "site" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def app(browser: Browser, stack: Stack) -> Any:
    with opened(browser, stack.base_url) as app:
        yield app


def test_it_opens(app: AppPage) -> None:
    page = app.open("/app/?debug=1")
    page.get_by_role("button", name="New link").first.wait_for(state="attached")
    assert page.title() == "Hopcount"


def test_a_view_opens_by_its_address_and_stays_when_it_is_loaded_anew(app: AppPage) -> None:
    path = "/app/links/abc1234?debug=1"
    assert app.open(path).url == app.base_url + path
    assert app.reload().url == app.base_url + path


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


@pytest.mark.parametrize("path", sorted(MANIFEST["files"]))
def test_each_file_is_sent_as_the_manifest_says(visitor: Visitor, path: str) -> None:
    file = MANIFEST["files"][path]
    address = f"/{path.removesuffix('index.html')}"
    for encoding, variant in file["encodings"].items():
        answer = visitor.http.head(address, headers={"Accept-Encoding": encoding})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == file["contentType"]
        assert answer.headers["cache-control"] == file["cacheControl"]
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert int(answer.headers["content-length"]) == variant["bytes"]


def test_what_the_app_may_do_is_little(visitor: Visitor, stack: Stack) -> None:
    policy = visitor.http.get("/app/links/abc").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["worker-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["connect-src"].split() == ["'self'", stack.outputs["awsEndpointUrl"]]
