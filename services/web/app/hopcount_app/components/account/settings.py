"""How the app looks."""

from __future__ import annotations

from typing import Any

import flet as ft

from hopcount_app import appearance
from hopcount_app.components.section import Section
from hopcount_app.theme import SPACE


@ft.component
def SettingsSection() -> ft.Control:
    """Draw the choices of this browser."""
    return Section("This browser", None, [Appearance()])


@ft.component
def Appearance() -> ft.Control:
    """Draw the choice between light, dark, and what the system has."""
    page = ft.context.page
    mode, set_mode = ft.use_state(page.theme_mode or ft.ThemeMode.SYSTEM)

    async def choose(event: Any) -> None:
        chosen = ft.ThemeMode(event.control.selected[0])
        set_mode(chosen)
        await appearance.choose(page, chosen)

    segments = [
        ft.Segment(value=one.value, label=ft.Text(label), icon=ft.Icon(icon))
        for one, (label, icon) in appearance.CHOICES.items()
    ]
    return ft.Column(
        [
            ft.Text("Appearance"),
            ft.SegmentedButton(
                segments=segments, selected=[mode.value], on_change=choose, show_selected_icon=False
            ),
        ],
        spacing=SPACE,
        tight=True,
    )
