"""Drawing again when something plain changes: the store and the messages know nothing of Flet."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft


def use_changes(listeners: list[Callable[[], None]]) -> None:
    """Draw the component again whenever these listeners are called (a hook)."""
    _, set_count = ft.use_state(0)

    def redraw() -> None:
        set_count(lambda count: count + 1)

    listener = ft.use_memo(lambda: redraw, [])  # the same one at each drawing, so that it can be taken off

    def leave() -> None:
        if listener in listeners:
            listeners.remove(listener)

    ft.use_effect(lambda: listeners.append(listener), dependencies=[], cleanup=leave)
