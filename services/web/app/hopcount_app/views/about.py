"""What this is, where it is, how it does."""

from __future__ import annotations

import flet as ft


@ft.component
def About() -> ft.Control:
    """Draw it."""
    return ft.Text("About", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
