"""Take a picture of every view, on a phone and on a desk, light and dark, into a folder.

It needs the running product. The app shows made-up data (debug mode): a picture changes when the app does.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page
from tests.support.app import open_view
from tests.support.browser import DESKTOP, PHONE, AppPage, launched, opened
from tests.support.stack import Stack

SIZES = {"390": PHONE, "1280": DESKTOP}
SCHEMES = {"light": False, "dark": True}
PAUSE = 300
"""Milliseconds between two looks at a page; when they are alike, it is drawn."""
LOOKS = 40
COLOURS = 256
"""Enough for flat surfaces and text, in a third of the bytes."""


@dataclass(frozen=True)
class Shot:
    """A view: what its picture is called, its address, and a text that it shows."""

    name: str
    path: str
    text: str


PAGES = (Shot("landing", "/", "Hopcount"), Shot("not-found", "/no-such-link", "Hopcount"))
"""Plain pages, beside the app."""

SIGNED_IN = (
    Shot("links", "/", "Search"),
    Shot("new-link", "/new", "More options"),
    Shot("details", "/links/donate", "Who it was"),
    Shot("trash", "/trash", "Restore"),
    Shot("account", "/account", "Profile"),
    Shot("about", "/about", "This deployment"),
)
SIGNED_OUT = (
    Shot("sign-in", "/sign-in", "Forgot"),
    Shot("sign-up", "/sign-up", "Create an account"),
    Shot("confirm", "/confirm?email=ada%40example.com", "code"),
    Shot("forgot", "/forgot", "password"),
)
"""In debug mode whoever opens the sign-in first is not signed in."""


def main(folder: Path) -> None:
    """Take all pictures; fail where a view does not show what it should."""
    folder.mkdir(parents=True, exist_ok=True)
    base_url = Stack.load().base_url
    with launched() as browser:
        for size in SIZES:
            for scheme in SCHEMES:
                for shots in (SIGNED_IN, SIGNED_OUT, PAGES):
                    _take(browser, base_url, shots, size, scheme, folder)


def _take(
    browser: Browser, base_url: str, shots: tuple[Shot, ...], size: str, scheme: str, folder: Path
) -> None:
    with opened(browser, base_url, size=SIZES[size], dark=SCHEMES[scheme]) as tab:
        if shots is not PAGES:
            tab.open(f"/app{_in_debug_mode(shots[0].path)}")
        for shot in shots:
            if shots is PAGES:
                tab.page.goto(base_url + shot.path)
            else:
                open_view(tab.page, f"/app{_in_debug_mode(shot.path)}")
            _shown(tab, shot)
            file = folder / f"{shot.name}-{size}-{scheme}.png"
            _save(_still(tab.page), file)
            print(file)


def _in_debug_mode(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}debug=1"


def _shown(tab: AppPage, shot: Shot) -> None:
    tab.page.get_by_text(shot.text).or_(tab.page.get_by_label(shot.text)).first.wait_for(state="attached")


def _still(page: Page) -> bytes:
    """Return a picture of the page once nothing moves any more."""
    before = b""
    for _ in range(LOOKS):
        now = page.screenshot()
        if now == before:
            return now
        before = now
        page.wait_for_timeout(PAUSE)
    raise RuntimeError(f"{page.url} does not come to rest")


def _save(picture: bytes, file: Path) -> None:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE).save(
        file, optimize=True
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
