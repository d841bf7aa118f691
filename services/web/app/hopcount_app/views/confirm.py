"""Proving the address."""

from __future__ import annotations

import flet as ft


@ft.component
def Confirm() -> ft.Control:
    """Draw it."""
    return ft.Text("Confirm", theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM)
