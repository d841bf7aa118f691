"""Take a picture of every view, on a phone and on a desk, light and dark, into a folder.

It needs the running product. The app shows made-up data (debug mode): a picture changes when the app does.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page
from tests.support.app import fill, open_view, press
from tests.support.browser import DESKTOP, PHONE, AppPage, launched, opened
from tests.support.stack import Stack

SIZES = {"390": PHONE, "1280": DESKTOP}
SCHEMES = {"light": False, "dark": True}
PAUSE = 300
"""Milliseconds between two looks at a page; when one is like another, it is drawn."""
LOOKS = 40
COLOURS = 256
"""Enough for flat surfaces and text, in a third of the bytes."""


def _nothing(_page: Page) -> None:
    """Do nothing."""


def _press(name: str) -> Callable[[Page], None]:
    return lambda page: press(page, name)


def _meet(failure: str) -> Callable[[Page], None]:
    """Return what chooses in the debug panel what each request meets from then on."""

    def choose(page: Page) -> None:
        page.get_by_role("button", name=re.compile("^Debug mode")).click()
        page.get_by_role("radio", name=failure).click()
        press(page, "Done")
        page.get_by_role("radio", name=failure).wait_for(state="detached")

    return choose


def _refused(page: Page) -> None:
    _meet("429")(page)
    press(page, "Delete")  # which leads to the list


def _escape(page: Page) -> None:
    page.keyboard.press("Escape")


def _search_in_vain(page: Page) -> None:
    fill(page, Search="nothing like it")


@dataclass(frozen=True)
class Shot:
    """A view: what its picture is called, its address, a text that it shows.

    Parameters
    ----------
    first, do, last
        What is done before its address is opened, what once it is, and what when the picture is taken.
    """

    name: str
    path: str
    text: str
    first: Callable[[Page], None] = _nothing
    do: Callable[[Page], None] = _nothing
    last: Callable[[Page], None] = _nothing


PAGES = (Shot("landing", "/", "Up and answering"), Shot("not-found", "/no-such-link", "Hopcount"))
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
DIALOGS = (
    Shot("share", "/links/donate", "Save as PNG", do=_press("QR code"), last=_escape),
    Shot("edit", "/links/donate", "Ends (optional)", do=_press("Edit"), last=_escape),
    Shot("calendar", "/new", "The link ends", do=_press("Choose a day"), last=_escape),
    Shot("two-step", "/account", "Key", do=_press("Set up"), last=_escape),
    Shot("delete-account", "/account", "There is no way back", do=_press("Delete account"), last=_escape),
)
STATES = (
    Shot("refused", "/links/donate", "was not deleted", do=_refused, last=_press("Dismiss message")),
    Shot("failed", "/links/pycon", "That did not work", first=_meet("500")),
    Shot("offline", "/links/other1", "You are offline", first=_meet("Offline")),
    Shot("loading", "/links/other2", "Loading", first=_meet("Slow")),
    Shot("nothing-found", "/", "Nothing found", first=_meet("None"), do=_search_in_vain),
)


def main(folder: Path) -> None:
    """Take all pictures; fail where a view does not show what it should."""
    folder.mkdir(parents=True, exist_ok=True)
    base_url = Stack.load().base_url
    with launched() as browser:
        for size in SIZES:
            for scheme in SCHEMES:
                for shots in (SIGNED_IN, SIGNED_OUT, DIALOGS, STATES, PAGES):
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
                tab.page.get_by_text(shot.text).first.wait_for()  # live figures come late
            else:
                shot.first(tab.page)
                open_view(tab.page, f"/app{_in_debug_mode(shot.path)}")
                shot.do(tab.page)
            _shown(tab, shot)
            file = folder / f"{shot.name}-{size}-{scheme}.png"
            _save(_still(tab.page), file)
            print(file)
            shot.last(tab.page)


def _in_debug_mode(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}debug=1"


def _shown(tab: AppPage, shot: Shot) -> None:
    tab.page.get_by_text(shot.text).or_(tab.page.get_by_label(shot.text)).first.wait_for(state="attached")


def _still(page: Page) -> bytes:
    """Return a picture of the page once nothing moves any more but a cursor, which comes and goes."""
    seen: set[bytes] = set()
    for _ in range(LOOKS):
        now = page.screenshot()
        if now in seen:
            return now
        seen.add(now)
        page.wait_for_timeout(PAUSE)
    raise RuntimeError(f"{page.url} does not come to rest")


def _save(picture: bytes, file: Path) -> None:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE).save(
        file, optimize=True
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
