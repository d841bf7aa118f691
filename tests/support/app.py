"""What people do in the app, by the names of what they see."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PATIENCE = 30_000
"""Milliseconds for whatever asks the backend, on a machine that has much else to do."""
MOST_CONTROLS = 80

_GO = """path => {
  history.pushState({serialCount: (history.state?.serialCount ?? 0) + 1, state: null}, '', path);
  dispatchEvent(new PopStateEvent('popstate', {state: history.state}));
}"""
_FOCUS = """() => {
  const focused = document.activeElement;
  const label = (focused?.getAttribute('aria-label') || focused?.innerText || '').trim();
  return [`${focused?.closest('flt-semantics')?.id} ${label}`, label];
}"""
"""What has the focus: something that tells it from others, and its name."""


def fill(page: Page, **values: str) -> None:
    """Type into fields, by their labels, in place of what is there."""
    for label, value in values.items():
        page.get_by_role("textbox", name=label, exact=True).click()
        page.keyboard.press("Control+A")
        page.keyboard.type(value)


def press(page: Page, name: str) -> None:
    """Press the button of that name, the first where the navigation has one as well."""
    page.get_by_role("button", name=name, exact=True).first.click()


def see(page: Page, heading: str) -> None:
    """Expect a view, by its heading."""
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_attached(timeout=PATIENCE)


def told(page: Page, text: str) -> None:
    """Expect words, which may be announced as well."""
    expect(page.get_by_text(text).first).to_be_attached(timeout=PATIENCE)


def open_view(page: Page, path: str) -> None:
    """Go to another address within the app, as if a link in it had been followed: nothing is loaded again."""
    page.evaluate(_GO, path)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus bears that name; fail after more than any view has controls."""
    for _ in range(MOST_CONTROLS):
        before = page.evaluate(_FOCUS)
        page.keyboard.press("Tab")
        page.wait_for_function(f"before => ({_FOCUS})()[0] !== before", arg=before[0])
        if page.evaluate(_FOCUS)[1] == name:
            return
    raise AssertionError(f"no Tab leads to {name!r}; the last was {page.evaluate(_FOCUS)[1]!r}")
