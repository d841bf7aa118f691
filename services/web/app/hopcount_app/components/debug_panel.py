"""Failures to switch on, in debug mode: how the app copes can be seen without a backend."""

from __future__ import annotations

import flet as ft

from hopcount_app.api_service.faults import Fault
from hopcount_app.hooks import use_flag
from hopcount_app.services import use_services
from hopcount_app.theme import RADIUS, SPACE

_WORDS = {
    Fault.NONE: "None",
    Fault.SLOW: "Slow",
    Fault.OFFLINE: "Offline",
    Fault.RATE_LIMITED: "429, too many requests",
    Fault.FORBIDDEN: "403, refused",
    Fault.FAILING: "500, failing",
}


@ft.component
def DebugPanel() -> ft.Control:
    """Draw a small button, and the choice once it is pressed."""
    faults = use_services().faults
    is_open, show, hide = use_flag()
    mode, set_mode = ft.use_state(faults.mode)

    def choose(value: str) -> None:
        faults.mode = Fault(value)
        set_mode(faults.mode)

    button = ft.FilledTonalButton(
        f"Failure: {mode.value}",
        icon=ft.Icons.BUG_REPORT_OUTLINED,
        on_click=hide if is_open else show,
        style=ft.ButtonStyle(bgcolor=ft.Colors.TERTIARY_CONTAINER, color=ft.Colors.ON_TERTIARY_CONTAINER),
    )
    if not is_open:
        return button
    radios: list[ft.Control] = [ft.Radio(value=fault.value, label=text) for fault, text in _WORDS.items()]
    choice = ft.RadioGroup(
        value=mode.value,
        content=ft.Column(radios, spacing=0, tight=True),
        on_change=lambda event: choose(event.control.value),
    )
    panel = ft.Container(
        ft.Column(
            [ft.Text("What each request meets", theme_style=ft.TextThemeStyle.TITLE_SMALL), choice],
            spacing=SPACE,
            tight=True,
        ),
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        border_radius=RADIUS,
        border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
        padding=2 * SPACE,
        width=30 * SPACE,
    )
    return ft.Column(
        [panel, button], spacing=SPACE, tight=True, horizontal_alignment=ft.CrossAxisAlignment.END
    )
