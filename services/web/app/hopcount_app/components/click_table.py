"""The same clicks as a table: for whoever cannot see a chart, or wants the numbers."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from hopcount_app.api_service.models import Point
from hopcount_app.clicks import words
from hopcount_app.theme import SPACE

_ROWS = 31
"""How many rows are drawn at first, and how many more at each request."""
_NUMBER = 11 * SPACE


@ft.component
def ClickTable(series: Sequence[Point]) -> ft.Control:
    """Draw a series as rows, the latest first."""
    shown, set_shown = ft.use_state(_ROWS)
    labels = words.labels(series)
    latest = list(zip(labels, series, strict=True))[::-1]
    rows: list[ft.Control] = [_head()]
    rows += [_row(label, point) for label, point in latest[:shown]]
    if len(latest) > shown:
        more = min(_ROWS, len(latest) - shown)
        button = ft.TextButton(f"Show {more} more", on_click=lambda: set_shown(shown + _ROWS))
        rows.append(ft.Row([button], alignment=ft.MainAxisAlignment.CENTER))
    return ft.Column(rows, spacing=0, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _head() -> ft.Control:
    read = "Columns: when, people, machines"
    return _line("When", "People", "Machines", read, ft.Colors.ON_SURFACE_VARIANT)


def _row(label: str, point: Point) -> ft.Control:
    people, machines = words.number(point.clicks), words.number(point.bot_clicks)
    read = f"{label}: people {people}, machines {machines}"
    return _line(label, people, machines, read, ft.Colors.ON_SURFACE)


def _line(when: str, people: str, machines: str, read: str, colour: ft.ColorValue) -> ft.Control:
    cells = ft.Row(
        [
            ft.Text(when, color=colour, expand=True, no_wrap=True, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(people, color=colour, width=_NUMBER, text_align=ft.TextAlign.END),
            ft.Text(machines, color=colour, width=_NUMBER, text_align=ft.TextAlign.END),
        ],
        spacing=SPACE,
    )
    box = ft.Container(
        cells,
        padding=ft.Padding.symmetric(vertical=SPACE * 3 // 4),
        border=ft.Border(bottom=ft.BorderSide(1, ft.Colors.OUTLINE_VARIANT)),
    )
    return ft.Semantics(content=box, label=read, container=True, exclude_semantics=True)
