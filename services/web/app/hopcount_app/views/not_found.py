"""An address without a view."""

from __future__ import annotations

import flet as ft


@ft.component
def NotFound() -> ft.Control:
    """Draw it."""
    return ft.Text("NotFound", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
