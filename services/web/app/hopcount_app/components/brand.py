"""The product's name."""

from __future__ import annotations

import flet as ft

from hopcount_app.theme import SPACE


def Brand(*, words: bool = True) -> ft.Control:
    """Return the mark, with the name beside it where there is room."""
    mark = ft.Container(
        ft.Icon(ft.Icons.ALT_ROUTE, size=20, color=ft.Colors.ON_PRIMARY),
        bgcolor=ft.Colors.PRIMARY,
        border_radius=SPACE,
        padding=SPACE * 3 // 4,
    )
    if not words:
        return ft.Semantics(content=mark, label="Hopcount", image=True, container=True)
    name = ft.Text("Hopcount", theme_style=ft.TextThemeStyle.TITLE_LARGE, weight=ft.FontWeight.W_600)
    return ft.Row([mark, name], spacing=SPACE * 3 // 2, tight=True)
