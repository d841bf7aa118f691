"""Going from view to view: addresses in one place."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import flet as ft

LINKS = "/"
NEW = "/new"
TRASH = "/trash"
ACCOUNT = "/account"
ABOUT = "/about"
SIGN_IN = "/sign-in"
SIGN_UP = "/sign-up"
CONFIRM = "/confirm"
FORGOT = "/forgot"
CALLBACK = "/callback"

DEBUG = "debug"
"""Kept in the address while going about, so that Back and reload stay in debug mode."""


def link_address(link_id: str) -> str:
    """Return the address of a link's own view."""
    return f"/links/{quote(link_id, safe='')}"


def go(path: str, **query: str) -> None:
    """Show another view."""
    page = ft.context.page
    if is_debug(page.route):
        query[DEBUG] = "1"
    page.navigate(f"{path}?{urlencode(query)}" if query else path)


def is_debug(route: str | None) -> bool:
    """Tell whether an address asks for debug mode."""
    return argument(route, DEBUG) == "1"


def argument(route: str | None, name: str) -> str:
    """Return a value of an address's query, empty where it has none."""
    return arguments(route).get(name, "")


def arguments(route: str | None) -> dict[str, str]:
    """Return the names and values of an address's query."""
    return dict(parse_qsl(urlsplit(route or "").query))
