"""The app in a real browser: open a view, find its controls by name, see what was asked of whom.

Flutter draws on a canvas. What people with a screen reader meet is beside it in the page, Flutter's semantics
tree, and tests go by it: `page.get_by_role("button", name="Copy")`. What has no name there, they cannot see.

Playwright's synchronous API leaves an event loop marked as running: no test after it can call `asyncio.run`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = os.environ.get("HOPCOUNT_CHROMIUM", "/usr/bin/chromium")
"""Debian's; `tools/browser` installs it where it is missing."""
OPENS_WITHIN = 90_000
"""Milliseconds in which the app draws itself, on a machine that has much else to do."""
PHONE, DESKTOP = (390, 844), (1280, 800)
"""Sizes of a window, in pixels."""


@contextmanager
def launched(*arguments: str) -> Iterator[Browser]:
    """Start the browser, and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *arguments])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class AppPage:
    """One tab with the app in it, and everything it asked for and complained about.

    Parameters
    ----------
    context
        The browser profile that the tab belongs to: tabs of one share storage.
    base_url
        Where the site is.
    """

    context: BrowserContext
    base_url: str
    requests: list[str] = field(default_factory=list)
    """Every address that was asked for, by the page or its workers."""
    complaints: list[str] = field(default_factory=list)
    """Errors of the console (those of the content security policy too) and uncaught ones of scripts."""

    def __post_init__(self) -> None:
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        # The context's, for a page is not told of what its workers ask for.
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def open(self, path: str = "/app/?debug=1") -> Page:
        """Open an address of the site and wait until the app has drawn itself and names its controls."""
        self.page.goto(self.base_url + path, wait_until="commit", timeout=OPENS_WITHIN)
        self.await_drawn()
        return self.page

    def reload(self) -> Page:
        """Load the page anew, as a person does who presses F5."""
        self.page.reload(wait_until="commit", timeout=OPENS_WITHIN)
        self.await_drawn()
        return self.page

    def await_drawn(self) -> None:
        """Wait until the skeleton has gone and Flutter's semantics tree is there.

        Raises
        ------
        AssertionError
            The app says that it cannot open.
        """
        self.page.wait_for_selector(
            "#skeleton.failed, body:not(:has(#skeleton)) flutter-view", timeout=OPENS_WITHIN
        )
        failure = self.page.locator("#failure-text")
        assert not failure.count(), f"{failure.inner_text()} {self.complaints}"
        self.name_controls()

    def name_controls(self) -> None:
        """Switch Flutter's semantics on, as a screen reader's user does by its hidden button."""
        self.page.wait_for_selector(
            "flt-semantics-placeholder, flt-semantics[role]", state="attached", timeout=OPENS_WITHIN
        )
        # Flutter does not listen yet where the button has only just been made: press until it has gone.
        self.page.wait_for_function(
            "() => { const button = document.querySelector('flt-semantics-placeholder');"
            " button?.click(); return !button; }",
            polling=100,
        )
        self.page.wait_for_selector("flt-semantics", state="attached")

    def asked_of_others(self, *known: str) -> list[str]:
        """Return the addresses that were asked for and are neither the site's nor of the origins given."""
        own = {origin(self.base_url), *map(origin, known)}
        return [url for url in self.requests if urlsplit(url).scheme != "data" and origin(url) not in own]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


def origin(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url.removeprefix("blob:"))
    return f"{parts.scheme}://{parts.netloc}"


@contextmanager
def opened(
    browser: Browser, base_url: str, *, size: tuple[int, int] = DESKTOP, dark: bool = False
) -> Iterator[AppPage]:
    """Give a tab of a fresh browser profile, without cache or storage, and close it."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        locale="en-GB",
        timezone_id="Europe/Amsterdam",
    )
    # The copy buttons write to it, which a person would allow.
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base_url)
    try:
        yield AppPage(context, base_url)
    finally:
        context.close()
