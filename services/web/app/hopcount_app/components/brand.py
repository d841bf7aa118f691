"""The product's name."""

from __future__ import annotations

import flet as ft

from hopcount_app.theme import SPACE

# What `site/app/assets/icon.svg` shows, to be drawn in the colours of either theme.
HOPS = "M6 21c2-9 8-9 10 0 1.500-7 7-8 10-1"
DOT = 'cx="26" cy="20" r="2.500"'
_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    f'<path d="{HOPS}" fill="none" stroke="#000" stroke-width="3" stroke-linecap="round"/>'
    f"<circle {DOT}/></svg>"
)


def Brand(*, words: bool = True) -> ft.Control:
    """Return the mark, with the name beside it where there is room."""
    mark = ft.Container(
        ft.Image(
            src=_MARK,
            width=4 * SPACE,
            height=4 * SPACE,
            color=ft.Colors.ON_PRIMARY,
            exclude_from_semantics=True,
        ),
        bgcolor=ft.Colors.PRIMARY,
        border_radius=SPACE * 7 // 8,
    )
    if not words:
        return ft.Semantics(content=mark, label="Hopcount", image=True, container=True)
    name = ft.Text("Hopcount", theme_style=ft.TextThemeStyle.TITLE_LARGE, weight=ft.FontWeight.W_600)
    return ft.Row([mark, name], spacing=SPACE * 3 // 2, tight=True)
