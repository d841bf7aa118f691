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
        words.append(ft.Semantics(content=ft.Text(text, color=ft.Colors.ON_SURFACE_VARIANT), container=True))
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
