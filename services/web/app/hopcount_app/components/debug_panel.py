"""The mark of debug mode. Behind it, failures to switch on: to see how the app copes."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from hopcount_app.api_service.faults import Fault
from hopcount_app.components.confirm_dialog import dialog
from hopcount_app.hooks import use_flag
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE

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
    """Draw a small button that says which failure is on; it opens the choice."""
    faults = use_services().faults
    is_open, show, hide = use_flag()
    mode, set_mode = ft.use_state(faults.mode)

    def choose(value: str) -> None:
        faults.mode = Fault(value)
        set_mode(faults.mode)

    ft.use_dialog(_choice(mode, choose, hide) if is_open else None)
    is_on = mode is not Fault.NONE
    background = ft.Colors.TERTIARY if is_on else ft.Colors.TERTIARY_CONTAINER
    colour = ft.Colors.ON_TERTIARY if is_on else ft.Colors.ON_TERTIARY_CONTAINER
    words = ft.Text(
        mode.value if is_on else "debug",
        theme_style=ft.TextThemeStyle.LABEL_SMALL,
        color=colour,
        semantics_label=f"Debug mode, failure: {mode.value}",
    )
    return ft.TextButton(
        words,
        on_click=show,
        height=3 * SPACE,
        style=ft.ButtonStyle(
            bgcolor=background,
            padding=ft.Padding.symmetric(horizontal=SPACE),
            shape=ft.RoundedRectangleBorder(radius=SPACE // 2),
        ),
    )


def _choice(mode: Fault, choose: Callable[[str], None], on_close: Callable[[], None]) -> ft.AlertDialog:
    radios: list[ft.Control] = [ft.Radio(value=fault.value, label=text) for fault, text in _WORDS.items()]
    group = ft.RadioGroup(
        value=mode.value,
        content=ft.Column(radios, spacing=0, tight=True),
        on_change=lambda event: choose(event.control.value),
    )
    text = ft.Text("Nothing here is real. Choose what each request meets from now on.")
    done = ft.Row([ft.FilledButton("Done", on_click=on_close)], alignment=ft.MainAxisAlignment.END)
    return dialog("Debug mode", ft.Column([text, group, done], spacing=2 * SPACE, tight=True), on_close)
