"""A part of a view with one subject: its name, a sentence about it, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from hopcount_app.components.card import Card
from hopcount_app.components.page_header import Heading
from hopcount_app.theme import SPACE


def Section(title: str, text: str | None, controls: Sequence[ft.Control]) -> ft.Control:
    """Return it as a card."""
    words: list[ft.Control] = [Heading(title)]
    if text:
        words.append(Sentence(text, color=ft.Colors.ON_SURFACE_VARIANT))
    return Card(
        ft.Column(
            [ft.Column(words, spacing=SPACE // 2, tight=True), *controls],
            spacing=2 * SPACE,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
        padding=3 * SPACE,
        label=title,
    )


def Sentence(
    text: str,
    *,
    color: ft.ColorValue | None = None,
    style: ft.TextThemeStyle | None = None,
    expand: bool = False,
    spoken: str | None = None,
) -> ft.Control:
    """Return a text that is read out by itself: without this it would be a part of its section's name.

    Parameters
    ----------
    spoken
        What is read out, where that is not the text.
    """
    shown = ft.Text(text, color=color, theme_style=style, semantics_label=spoken)
    return ft.Semantics(content=shown, container=True, expand=expand)
