"""Deleted links."""

from __future__ import annotations

import flet as ft


@ft.component
def Trash() -> ft.Control:
    """Draw it."""
    return ft.Text("Trash", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
