"""Putting a text on the clipboard, within the click itself, as browsers want it."""

from __future__ import annotations

import flet as ft

from hopcount_app.components.buttons import IconAction
from hopcount_app.services import use_services
from hopcount_app.store.toasts import Tone


@ft.component
def CopyButton(text: str, label: str, done: str) -> ft.Control:
    """Draw a button that copies `text` and says `done`."""
    toasts = use_services().toasts

    def say(_event: object) -> None:
        toasts.show(done, Tone.SUCCESS)

    return IconAction(ft.Icons.CONTENT_COPY, label, say, action=ft.CopyToClipboard(text))
