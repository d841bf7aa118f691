"""Whoever cannot see the page is told what each control does."""

import re

from playwright.sync_api import expect

from tests.support.app import open_view, press, see
from tests.support.browser import AppPage
from tests.support.semantics import unnamed_controls


def test_a_control_without_a_name_is_found(app_page: AppPage) -> None:
    """Else the test below would pass for the wrong reason."""
    app_page.page.set_content(
        "<flt-semantics-host><flt-semantics role=button aria-label=Copy></flt-semantics>"
        "<flt-semantics role=button style='position: absolute; left: 1px; top: 2px; width: 3px; height: 4px'>"
        "</flt-semantics><input aria-label=Email></flt-semantics-host>"
    )
    assert unnamed_controls(app_page.page) == ["button at 1,2, 3 x 4"]


def test_every_control_about_an_account_has_a_name(app: AppPage) -> None:
    page = app.open("/app/sign-in?debug=1")
    # From here on nobody can be asked: not only links live without a network.
    app.context.set_offline(True)
    for heading, way in (
        ("Sign in", "Sign up"),
        ("Create an account", "Sign in"),
        ("Sign in", "Set a new one"),
        ("Set a new password", "Sign in"),
    ):
        see(page, heading)
        assert unnamed_controls(page) == [], heading
        press(page, way)
    see(page, "Sign in")
    page.get_by_role("textbox", name="Email", exact=True).click()
    page.keyboard.type("demo@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("any")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Account").first.click()
    see(page, "Account")
    press(page, "Set up")
    expect(page.get_by_role("textbox", name="Code", exact=True)).to_be_attached()
    assert unnamed_controls(page) == []
    press(page, "New token")
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_be_attached()
    assert unnamed_controls(page) == []
    page.keyboard.press("Escape")


def test_every_control_of_the_other_views_has_a_name(app: AppPage) -> None:
    page = app.page
    for path, heading in (
        ("/", "Links"),
        ("/new", "New link"),
        ("/links/donate", "sho.rt/donate"),
        ("/trash", "Trash"),
        ("/about", "About"),
        ("/no/such/view", "There is nothing here"),
    ):
        open_view(page, f"/app{path}?debug=1")
        see(page, heading)
        assert unnamed_controls(page) == [], heading
    open_view(page, "/app/links/donate?debug=1")
    for button, inside in (("QR code", "Copy"), ("Edit", "Save"), ("Show as table", "Show as chart")):
        page.get_by_role("button", name=re.compile(f"^{button}")).first.click()
        expect(page.get_by_role("button", name=re.compile(f"^{inside}")).first).to_be_attached()
        assert unnamed_controls(page) == [], button
        page.keyboard.press("Escape")


def test_whatever_was_opened_nobody_was_asked(app: AppPage) -> None:
    """The network was cut after the first view: what had been asked for by then is the site's own."""
    assert app.asked_of_others() == []
    assert [url for url in app.requests if "/app/" not in url] == []
