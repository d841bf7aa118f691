"""How wide the window is: a layout follows it."""

from __future__ import annotations

from typing import Any

import flet as ft

from hopcount_app.theme import COMPACT, WIDE

_widths: ft.ContextProvider[float] = ft.create_context(1280.0)


def use_page_width() -> float:
    """Return the page's width in logical pixels, and draw again when it changes (a hook, for `App` alone)."""
    page = ft.context.page
    width, set_width = ft.use_state(float(page.width or 1280))

    def listen() -> None:
        def resized(event: Any) -> None:
            set_width(float(event.width))

        page.on_resize = resized

    ft.use_effect(listen, dependencies=[])
    return width


provide_width = _widths


def use_width() -> float:
    """Return the page's width in logical pixels (a hook)."""
    return ft.use_context(_widths)


def is_compact(width: float) -> bool:
    """Tell whether this is a phone's width."""
    return width < COMPACT


def is_wide(width: float) -> bool:
    """Tell whether there is room for two columns."""
    return width >= WIDE
