"""Counting which views are opened: their kind, never their address."""

from __future__ import annotations

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.services import use_services
from hopcount_app.usage import Screen

_SCREENS: dict[str, Screen] = {
    to.LINKS: "links",
    to.NEW: "new",
    to.TRASH: "trash",
    to.ACCOUNT: "account",
    to.ABOUT: "about",
    to.SIGN_IN: "sign_in",
    to.CALLBACK: "sign_in",
    to.SIGN_UP: "sign_up",
    to.CONFIRM: "confirm",
    to.FORGOT: "forgot",
}


def screen_of(path: str) -> Screen:
    """Return what kind of view a path leads to."""
    return "details" if path.startswith("/links/") else _SCREENS.get(path, "not_found")


def use_screen(screen: Screen) -> None:
    """Count a view once each time that it is opened (a hook)."""
    usage = use_services().usage
    ft.use_effect(lambda: usage.record_screen(screen), dependencies=[screen])
