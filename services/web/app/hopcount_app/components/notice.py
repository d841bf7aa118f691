"""A sentence that must not be missed, in the page."""

from __future__ import annotations

import flet as ft

from hopcount_app.store.toasts import Tone
from hopcount_app.theme import RADIUS, SPACE

_LOOKS = {
    Tone.INFO: (ft.Icons.INFO_OUTLINE, ft.Colors.SECONDARY_CONTAINER, ft.Colors.ON_SECONDARY_CONTAINER),
    Tone.SUCCESS: (
        ft.Icons.CHECK_CIRCLE_OUTLINE,
        ft.Colors.PRIMARY_CONTAINER,
        ft.Colors.ON_PRIMARY_CONTAINER,
    ),
    Tone.WARNING: (
        ft.Icons.WARNING_AMBER,
        ft.Colors.TERTIARY_CONTAINER,
        ft.Colors.ON_TERTIARY_CONTAINER,
    ),
    Tone.ERROR: (ft.Icons.ERROR_OUTLINE, ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER),
}


def Notice(text: str, tone: Tone = Tone.INFO) -> ft.Control:
    """Draw it; a screen reader says it at once."""
    icon, background, foreground = _LOOKS[tone]
    return ft.Semantics(
        container=True,
        live_region=True,
        content=ft.Container(
            ft.Row(
                [ft.Icon(icon, color=foreground, size=20), ft.Text(text, color=foreground, expand=True)],
                spacing=1.5 * SPACE,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            bgcolor=background,
            border_radius=RADIUS,
            padding=ft.Padding.symmetric(horizontal=2 * SPACE, vertical=1.5 * SPACE),
        ),
    )
