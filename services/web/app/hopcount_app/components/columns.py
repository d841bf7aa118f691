"""Two columns where there is room, else one."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from hopcount_app.theme import SPACE
from hopcount_app.window import is_wide, use_width


@ft.component
def Columns(left: Sequence[ft.Control], right: Sequence[ft.Control]) -> ft.Control:
    """Draw the parts of a view below each other: on a narrow page first all of the left ones."""
    if not is_wide(use_width()):
        return _column([*left, *right])
    return ft.Row(
        [_column(left, expand=True), _column(right, expand=True)],
        spacing=3 * SPACE,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _column(parts: Sequence[ft.Control], *, expand: bool = False) -> ft.Control:
    return ft.Column(
        list(parts),
        spacing=3 * SPACE,
        tight=True,
        expand=expand,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
