"""Buttons that are a picture only, and still have a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft


def IconAction(
    icon: ft.IconData,
    label: str,
    on_click: Callable[..., Any] | None = None,
    *,
    action: ft.ClientAction | None = None,
    color: ft.ColorValue = ft.Colors.ON_SURFACE_VARIANT,
    disabled: bool = False,
    autofocus: bool = False,
) -> ft.IconButton:
    """Return a round button; `label` is read out, and shown when the pointer rests on it.

    Parameters
    ----------
    action
        What the browser does within the click itself: writing to the clipboard, opening a tab.
    """
    return ft.IconButton(
        ft.Icon(icon, semantics_label=label, size=20, color=None if disabled else color),
        icon_color=color,
        tooltip=label,
        on_click=on_click,
        action=action,
        disabled=disabled,
        autofocus=autofocus,
    )
