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

NEXT = "next"
EMAIL = "email"

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
    page.navigate(address(path, **query))


def address(path: str, **query: str) -> str:
    """Return an address with more in its query; what is empty is left out."""
    parts = urlsplit(path)
    asked = arguments(path) | {name: value for name, value in query.items() if value}
    return f"{parts.path}?{urlencode(asked)}" if asked else parts.path


def wanted(route: str | None) -> str:
    """Return where somebody wanted to go before they had to sign in: a path of this app, else the links."""
    path = argument(route, NEXT)
    inside = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if inside else LINKS


def path_of(route: str | None) -> str:
    """Return an address without its query."""
    return urlsplit(route or "").path or LINKS


def onward(route: str | None) -> str:
    """Return where to go once signed in, seen from any view: what its address says, else that view."""
    path = path_of(route)
    if path in {SIGN_IN, SIGN_UP, CONFIRM, FORGOT, CALLBACK, LINKS}:
        return argument(route, NEXT)
    return address(path, **{name: value for name, value in arguments(route).items() if name != DEBUG})


def is_debug(route: str | None) -> bool:
    """Tell whether an address asks for debug mode."""
    return argument(route, DEBUG) == "1"


def argument(route: str | None, name: str) -> str:
    """Return a value of an address's query, empty where it has none."""
    return arguments(route).get(name, "")


def arguments(route: str | None) -> dict[str, str]:
    """Return the names and values of an address's query."""
    return dict(parse_qsl(urlsplit(route or "").query))
