"""One number with its name."""

from __future__ import annotations

import flet as ft

from hopcount_app.clicks import words
from hopcount_app.components.card import Card


def Figure(name: str, value: int | None) -> ft.Control:
    """Return the number below its name; a dash where it is not known."""
    return ft.Column(
        [
            ft.Text(
                name,
                theme_style=ft.TextThemeStyle.LABEL_LARGE,
                color=ft.Colors.ON_SURFACE_VARIANT,
                max_lines=1,
                overflow=ft.TextOverflow.ELLIPSIS,
            ),
            ft.Text(
                "-" if value is None else words.number(value), theme_style=ft.TextThemeStyle.HEADLINE_SMALL
            ),
        ],
        spacing=0,
        tight=True,
    )


def FigureTile(name: str, value: int | None, explanation: str = "") -> ft.Control:
    """Return it as a card; the explanation is read out, and shown when the pointer rests on it."""
    read = f"{name}: {'not known' if value is None else words.number(value)}. {explanation}".rstrip(". ")
    tile = Card(ft.Semantics(content=Figure(name, value), label=read, exclude_semantics=True), expand=1)
    tile.tooltip = explanation or None
    return tile
