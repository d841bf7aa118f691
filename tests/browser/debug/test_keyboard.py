"""The main path without a mouse: make a link, find it, see its clicks, edit it, delete it, bring it back."""

from playwright.sync_api import expect

from tests.support.app import see, tab_to, told
from tests.support.browser import AppPage


def test_a_link_lives_its_life_by_keyboard_alone(app_page: AppPage) -> None:
    page = app_page.open("/app/?debug=1")
    type_, press = page.keyboard.type, page.keyboard.press
    tab_to(page, "New link")
    press("Enter")
    expect(page.get_by_role("textbox", name="Address to shorten", exact=True)).to_be_focused()
    type_("https://example.org/by-keyboard")
    tab_to(page, "Name (optional)")
    type_("by-keyboard")
    press("Enter")
    told(page, "Your link is ready")
    tab_to(page, "All links")
    press("Enter")
    see(page, "Links")
    tab_to(page, "sho.rt/by-keyboard")
    press("Enter")
    see(page, "sho.rt/by-keyboard")
    page.go_back()
    see(page, "Links")
    tab_to(page, "Edit by-keyboard")
    press("Enter")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_attached()
    press("Escape")
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    tab_to(page, "Delete by-keyboard")
    press("Enter")
    told(page, "by-keyboard was moved to the trash.")
    tab_to(page, "Undo")
    press("Enter")
    expect(page.get_by_role("button", name="sho.rt/by-keyboard", exact=True)).to_be_attached()
