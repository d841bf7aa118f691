"""The box that groups what belongs together."""

from __future__ import annotations

import flet as ft

from hopcount_app.theme import RADIUS, SPACE


def Card(
    content: ft.Control,
    *,
    padding: ft.PaddingValue = 2 * SPACE,
    expand: bool | int | None = None,
    width: float | None = None,
    label: str | None = None,
) -> ft.Control:
    """Return the content on paper with a thin border; `label` names the group to assistive technology."""
    return ft.Container(
        ft.Semantics(content=content, container=True, label=label),
        padding=padding,
        expand=expand,
        width=width,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
        border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
        border_radius=RADIUS,
    )
