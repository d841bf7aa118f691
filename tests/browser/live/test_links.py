"""A link's life in the app, beside an API that is slow, refuses, or cannot be reached.

One story in one tab: each test goes on where the one before ended, for each load of the app takes seconds.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.support.app import PATIENCE, fill, press, see, told
from tests.support.browser import AppPage
from tests.support.people import Cognito, Creator, Visitor, new_email, new_password, sign_in
from tests.support.poll import until
from tests.support.semantics import unnamed_controls
from tests.support.stack import Stack

TARGET = "https://example.com/what-somebody-reads"


@pytest.fixture(scope="module")
def visitor(stack: Stack) -> Visitor:
    return Visitor(stack)


@pytest.fixture(scope="module")
def creator(app: AppPage, stack: Stack) -> Creator:
    """Somebody new, who signs in in the app; they can ask the API themselves as well."""
    cognito, email, password = Cognito(stack), new_email(), new_password()
    cognito.sign_up(email, password).raise_for_status()
    cognito.confirm(email, cognito.mailed_code(email)).raise_for_status()
    page = app.open("/app/new")
    see(page, "Sign in")
    fill(page, Email=email, Password=password)
    page.keyboard.press("Enter")
    see(page, "New link")
    return Creator(stack, sign_in(cognito, email, password), email)


@contextmanager
def posts_meet(app: AppPage, what: object) -> Iterator[None]:
    """Let whatever is asked of `POST /urls` meet something else than the API."""

    def meet(route: Route) -> None:
        if route.request.method == "POST":
            what(route)  # type: ignore[operator]
        else:
            route.continue_()

    app.context.route("**/urls", meet)
    try:
        yield
    finally:
        app.context.unroute("**/urls", meet)


def only_link(creator: Creator) -> str:
    (link,) = creator.links()
    return str(link["id"])


def row(app: AppPage, code: str) -> Locator:
    """Return the line of a link in the list."""
    address = f"{urlsplit(app.base_url).netloc}/{code}"
    return app.page.get_by_role("button", name=address, exact=True)


def test_a_link_is_shown_before_the_api_answers(app: AppPage, creator: Creator) -> None:
    page, held = app.page, []
    with posts_meet(app, held.append):
        fill(page, **{"Address to shorten": TARGET})
        page.keyboard.press("Enter")
        told(page, "being made")
        until(lambda: page.wait_for_timeout(50) or len(held), bool)
        assert creator.links() == []
        held[0].continue_()
        told(page, "Your link is ready")
    press(page, "All links")
    expect(row(app, only_link(creator))).to_be_visible(timeout=PATIENCE)
    assert unnamed_controls(page) == []


def test_its_clicks_show_in_the_chart(app: AppPage, creator: Creator, visitor: Visitor) -> None:
    page, code = app.page, only_link(creator)
    assert visitor.follow(code).headers["location"] == TARGET
    until(lambda: creator.stats(code)["clicks"], lambda clicks: clicks == 1)
    row(app, code).click()
    see(page, "1 click by people, 0 by machines")
    told(page, "Who it was")
    assert page.url.startswith(f"{app.base_url}/app/links/{code}")
    assert unnamed_controls(page) == []


def test_another_tab_shows_it_too(app: AppPage, creator: Creator) -> None:
    """The two agree from then on, as the next test finds."""
    code = only_link(creator)
    other = AppPage(app.context, app.base_url)
    page = other.open("/app/")
    expect(row(other, code)).to_be_visible(timeout=PATIENCE)
    press(page, f"Delete {code}")
    expect(row(other, code)).to_have_count(0)
    until(lambda: app.page.wait_for_timeout(50) or creator.links(), lambda links: links == [])
    app.page.get_by_role("button", name=re.compile("^Links")).first.click()
    see(app.page, "Links")
    expect(row(app, code)).to_have_count(0, timeout=PATIENCE)
    press(page, "Undo")
    expect(row(app, code)).to_be_visible(timeout=PATIENCE)
    page.close()


def test_a_deleted_link_comes_back_by_undo(app: AppPage, creator: Creator, visitor: Visitor) -> None:
    page, code = app.page, only_link(creator)
    page.get_by_role("button", name=re.compile("^Links")).first.click()
    press(page, f"Delete {code}")
    expect(row(app, code)).to_have_count(0)
    until(lambda: visitor.follow(code).status_code, lambda status: status == 410)
    press(page, "Undo")
    expect(row(app, code)).to_be_visible()
    until(lambda: visitor.follow(code).status_code, lambda status: status == 301)


def test_a_refusal_is_rolled_back_with_a_word_why(app: AppPage, creator: Creator) -> None:
    page = app.page
    refusal = {"status": 429, "headers": {"Retry-After": "120"}, "json": {"message": "Too Many Requests"}}
    with posts_meet(app, lambda route: route.fulfill(**refusal)):
        page.get_by_role("button", name=re.compile("^New link")).first.click()
        fill(page, **{"Address to shorten": "https://example.com/too-many"})
        page.keyboard.press("Enter")
        told(page, "Too many requests")
        expect(page.get_by_text("being made")).to_have_count(0)
    assert len(creator.links()) == 1


def test_without_a_network_nothing_is_lost_and_nothing_pretended(app: AppPage, creator: Creator) -> None:
    page, code = app.page, only_link(creator)
    page.get_by_role("button", name=re.compile("^Links")).first.click()
    expect(row(app, code)).to_be_visible()
    app.context.set_offline(True)
    press(page, f"Delete {code}")
    told(page, f"{code} was not deleted")
    expect(row(app, code)).to_be_visible()
    app.context.set_offline(False)
    press(page, "Retry")
    until(lambda: page.wait_for_timeout(50) or creator.links(), lambda links: links == [])
    expect(row(app, code)).to_have_count(0)


def test_nobody_else_was_asked(app: AppPage, stack: Stack) -> None:
    assert app.asked_of_others(stack.outputs["awsEndpointUrl"], stack.outputs["apiUrl"]) == []
