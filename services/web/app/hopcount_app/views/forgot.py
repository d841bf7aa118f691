"""A new password."""

from __future__ import annotations

import flet as ft


@ft.component
def Forgot() -> ft.Control:
    """Draw it."""
    return ft.Text("Forgot", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
