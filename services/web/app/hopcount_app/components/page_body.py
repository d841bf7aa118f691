"""The body of a view that is as long as what it holds."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from hopcount_app.theme import SPACE


def PageBody(controls: Sequence[ft.Control], *, spacing: float = 3 * SPACE) -> ft.Control:
    """Return a view's parts below each other, which scroll together: the header first."""
    return ft.Column(
        [*controls, ft.Container(height=SPACE)],
        spacing=spacing,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        expand=True,
    )
