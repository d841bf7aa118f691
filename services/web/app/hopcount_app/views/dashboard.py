"""The links: totals, search, the list."""

from __future__ import annotations

import flet as ft


@ft.component
def Dashboard() -> ft.Control:
    """Draw it."""
    return ft.Text("Dashboard", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
