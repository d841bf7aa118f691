"""How the app looks, and what it tells about its use."""

from __future__ import annotations

from typing import Any

import flet as ft

from hopcount_app import appearance
from hopcount_app.components.section import Section, Sentence
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE


@ft.component
def SettingsSection() -> ft.Control:
    """Draw the choices of this browser."""
    return Section("This browser", None, [Appearance(), UsageData()])


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
            Sentence("Appearance"),
            ft.SegmentedButton(
                segments=segments, selected=[mode.value], on_change=choose, show_selected_icon=False
            ),
        ],
        spacing=SPACE,
        tight=True,
    )


@ft.component
def UsageData() -> ft.Control:
    """Draw the switch that stops the app from telling what it is used for."""
    services = use_services()
    usage = services.usage
    allowed, set_allowed = ft.use_state(usage.is_allowed)
    refused = not (usage.is_on or services.debug)

    async def switch(event: Any) -> None:
        set_allowed(event.control.value)
        await usage.allow(allowed=event.control.value)

    why = "Which views are opened and what fails, without saying who: no address, no link, no account."
    if refused:
        why = "Your browser asks sites not to track you, so nothing is shared."
    return ft.Column(
        [
            ft.Switch(
                label="Share usage data",
                value=allowed and not refused,
                disabled=refused,
                on_change=switch,
            ),
            Sentence(why, style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT),
        ],
        spacing=SPACE // 2,
        tight=True,
    )
