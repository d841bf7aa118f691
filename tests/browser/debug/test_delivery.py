"""The app as it is delivered: it opens anywhere, asks nobody else, and is not loaded twice."""

from tests.support.browser import AppPage


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
