"""A new account."""

from __future__ import annotations

import flet as ft


@ft.component
def SignUp() -> ft.Control:
    """Draw it."""
    return ft.Text("SignUp", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
