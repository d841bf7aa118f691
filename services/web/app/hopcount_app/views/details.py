"""A link and its clicks."""

from __future__ import annotations

import flet as ft


@ft.component
def Details() -> ft.Control:
    """Draw it."""
    return ft.Text("Details", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
