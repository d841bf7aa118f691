"""A new link."""

from __future__ import annotations

import flet as ft


@ft.component
def Create() -> ft.Control:
    """Draw it."""
    return ft.Text("Create", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
