"""What people do in the app, by the names of what they see."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PATIENCE = 30_000
"""Milliseconds for whatever asks the backend, on a machine that has much else to do."""


def fill(page: Page, **values: str) -> None:
    """Type into fields, by their labels, in place of what is there."""
    for label, value in values.items():
        page.get_by_role("textbox", name=label, exact=True).click()
        page.keyboard.press("Control+A")
        page.keyboard.type(value)


def press(page: Page, name: str) -> None:
    """Press the button of that name."""
    page.get_by_role("button", name=name, exact=True).click()


def see(page: Page, heading: str) -> None:
    """Expect a view, by its heading."""
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_attached(timeout=PATIENCE)


def told(page: Page, text: str) -> None:
    """Expect words, which may be announced as well."""
    expect(page.get_by_text(text).first).to_be_attached(timeout=PATIENCE)
