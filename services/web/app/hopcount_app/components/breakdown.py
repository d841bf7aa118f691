"""Who followed a link, by one dimension: horizontal bars with numbers and shares."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from hopcount_app.clicks import words
from hopcount_app.clicks.shares import Share
from hopcount_app.components.card import Card
from hopcount_app.components.page_header import Heading
from hopcount_app.theme import PEOPLE, SPACE


def Breakdown(title: str, rows: Sequence[Share]) -> ft.Control:
    """Return the values of a dimension, in the order given."""
    bars: list[ft.Control] = [_bar(row) for row in rows]
    if not bars:
        bars = [ft.Text("No clicks by people", color=ft.Colors.ON_SURFACE_VARIANT)]
    return Card(
        ft.Column(
            [Heading(title, style=ft.TextThemeStyle.TITLE_SMALL), *bars],
            spacing=SPACE * 3 // 2,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
    )


def _bar(row: Share) -> ft.Control:
    numbers = f"{words.number(row.clicks)} · {row.percent}"
    content = ft.Column(
        [
            ft.Row(
                [
                    ft.Text(row.label, expand=True, no_wrap=True, overflow=ft.TextOverflow.ELLIPSIS),
                    ft.Text(numbers, color=ft.Colors.ON_SURFACE_VARIANT),
                ],
                spacing=SPACE,
            ),
            ft.ProgressBar(
                value=row.part,
                bar_height=6,
                border_radius=3,
                color=PEOPLE,
                bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
                stop_indicator_radius=0,
            ),
        ],
        spacing=SPACE // 2,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    read = f"{row.label}: {words.number(row.clicks)}, {row.percent}"
    return ft.Semantics(content=content, label=read, container=True, exclude_semantics=True)
