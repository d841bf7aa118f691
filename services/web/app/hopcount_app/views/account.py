"""The account: profile, sign-in, tokens, export, end."""

from __future__ import annotations

import flet as ft


@ft.component
def AccountView() -> ft.Control:
    """Draw it."""
    return ft.Text("AccountView", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
