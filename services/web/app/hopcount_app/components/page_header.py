"""The head of a view: the same place for title, subtitle and actions everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from hopcount_app.theme import SPACE
from hopcount_app.window import is_compact, use_width


def Heading(
    text: str, level: int = 2, style: ft.TextThemeStyle = ft.TextThemeStyle.TITLE_MEDIUM
) -> ft.Control:
    """Return a heading that assistive technology can jump to."""
    words = ft.Text(text, theme_style=style)
    return ft.Semantics(content=words, container=True, header=True, heading_level=level)


@ft.component
def PageHeader(title: str, subtitle: str | None = None, actions: Sequence[ft.Control] = ()) -> ft.Control:
    """Draw title and subtitle, with the actions beside them, or below them on a phone."""
    compact = is_compact(use_width())
    style = ft.TextThemeStyle.HEADLINE_SMALL if compact else ft.TextThemeStyle.HEADLINE_MEDIUM
    words: list[ft.Control] = [Heading(title, 1, style)]
    if subtitle:
        words.append(ft.Text(subtitle, color=ft.Colors.ON_SURFACE_VARIANT))
    text = ft.Column(words, spacing=SPACE // 2, tight=True, expand=None if compact else True)
    if not actions:
        return text
    buttons = ft.Row(list(actions), spacing=SPACE, run_spacing=SPACE, wrap=True)
    if compact:
        return ft.Column([text, buttons], spacing=2 * SPACE, tight=True)
    return ft.Row([text, buttons], spacing=2 * SPACE, vertical_alignment=ft.CrossAxisAlignment.START)
