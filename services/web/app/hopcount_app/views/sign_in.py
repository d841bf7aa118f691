"""Signing in."""

from __future__ import annotations

import flet as ft


@ft.component
def SignIn() -> ft.Control:
    """Draw it."""
    return ft.Text("SignIn", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
