"""Links in debug mode with the network cut: shown at once, rolled back with a word why; nobody is asked."""

import re

from playwright.sync_api import Page, expect

from tests.support.app import fill, press
from tests.support.browser import AppPage

TARGET = "https://example.org/first"


def switch(page: Page, failure: str) -> None:
    """Choose what each request meets."""
    page.get_by_role("button", name=re.compile("^Debug mode")).click()
    page.get_by_role("radio", name=failure).click()
    press(page, "Done")
    page.get_by_role("radio", name=failure).wait_for(state="detached")


def test_a_link_lives_its_life_and_failures_are_rolled_back_without_a_request(app_page: AppPage) -> None:
    page = app_page.open()
    page.get_by_role("button", name="sho.rt/get-python").wait_for()
    app_page.context.set_offline(True)
    asked = len(app_page.requests)

    # Made: the row is there, and so are its buttons.
    press(page, "New link")
    fill(page, **{"Address to shorten": "example.org"})
    page.get_by_text("An address begins with https:// or http://.").first.wait_for()
    fill(page, **{"Address to shorten": TARGET})
    fill(page, **{"Name (optional)": "my-first"})
    page.locator("flt-semantics-host").get_by_text("my-first is free").first.wait_for()
    press(page, "Choose a day")
    press(page, "Next month")
    page.get_by_role("button", name=re.compile("^15, ")).click()
    press(page, "OK")
    page.get_by_role("button", name="OK", exact=True).wait_for(state="detached")
    press(page, "Shorten")
    page.get_by_role("heading", name="Your link is ready").wait_for()
    press(page, "All links")
    made = page.get_by_role("button", name="sho.rt/my-first")
    made.wait_for()
    page.get_by_label(re.compile("ends in")).first.wait_for(state="attached")

    # Edited.
    press(page, "Edit my-first")
    fill(page, **{"Address to shorten": "https://example.org/second"})
    press(page, "Save")
    page.get_by_role("button", name="Save").wait_for(state="detached")
    page.get_by_label(re.compile("example.org/second")).first.wait_for(state="attached")

    # Deleted, brought back by the message; deleted again, brought back from the trash.
    press(page, "Delete my-first")
    made.wait_for(state="detached")
    press(page, "Undo")
    made.wait_for()
    press(page, "Delete my-first")
    made.wait_for(state="detached")
    page.get_by_role("button", name="Trash").first.click()
    press(page, "Restore my-first")
    page.get_by_role("button", name="Restore my-first").wait_for(state="detached")
    page.get_by_role("button", name="Links").first.click()
    made.wait_for()

    # What fails is back as it was, with a word why.
    for failure, reason in [("429", "Too many requests"), ("Offline", "cannot be reached")]:
        switch(page, failure)
        press(page, "Delete my-first")
        message = re.compile(f"my-first was not deleted.*{reason}")
        page.locator("flt-semantics-host").get_by_text(message).first.wait_for()
        expect(made).to_be_visible()
        press(page, "Dismiss message")
        switch(page, "None")

    # Chromium asks for the tab's icon anew at each address, whatever the page does.
    assert [url for url in app_page.requests[asked:] if not url.endswith("/assets/icon.svg")] == []
    assert [text for text in app_page.complaints if "/assets/icon.svg" not in text] == []
