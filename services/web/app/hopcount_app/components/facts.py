"""Names and values below each other."""

from __future__ import annotations

from collections.abc import Mapping

import flet as ft

from hopcount_app.theme import SPACE

_NAME_WIDTH = 14 * SPACE


def Facts(facts: Mapping[str, str]) -> ft.Control:
    """Return them, each read out as one."""
    rows = [_fact(name, value) for name, value in facts.items()]
    return ft.Column(rows, spacing=1.5 * SPACE, tight=True)


def _fact(name: str, value: str) -> ft.Control:
    return ft.Semantics(
        container=True,
        content=ft.Row(
            [
                ft.Text(name, color=ft.Colors.ON_SURFACE_VARIANT, width=_NAME_WIDTH),
                ft.Text(value, expand=True),
            ],
            vertical_alignment=ft.CrossAxisAlignment.START,
            spacing=SPACE,
        ),
    )
