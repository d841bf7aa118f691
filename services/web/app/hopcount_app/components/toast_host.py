"""Where messages appear: one at a time, at the foot of the page."""

from __future__ import annotations

import asyncio
import inspect

import flet as ft

from hopcount_app.components.buttons import IconAction
from hopcount_app.listening import use_changes
from hopcount_app.services import use_services
from hopcount_app.store.toasts import Toast, Tone
from hopcount_app.theme import RADIUS, SPACE
from hopcount_app.window import use_width

SHOWN_FOR = 6.0
"""Seconds that a message stays; those with something to do about them stay twice as long."""

_WIDTH = 560
_LOOKS = {
    Tone.INFO: (ft.Icons.INFO_OUTLINE, ft.Colors.INVERSE_SURFACE, ft.Colors.ON_INVERSE_SURFACE),
    Tone.SUCCESS: (ft.Icons.CHECK_CIRCLE_OUTLINE, ft.Colors.INVERSE_SURFACE, ft.Colors.ON_INVERSE_SURFACE),
    Tone.WARNING: (
        ft.Icons.WARNING_AMBER_ROUNDED,
        ft.Colors.TERTIARY_CONTAINER,
        ft.Colors.ON_TERTIARY_CONTAINER,
    ),
    Tone.ERROR: (ft.Icons.ERROR_OUTLINE, ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER),
}


@ft.component
def ToastHost() -> ft.Control:
    """Draw the newest message, those first with something to do about them; and nothing where none waits."""
    toasts = use_services().toasts
    use_changes(toasts.listeners)
    if not toasts.waiting:
        return ft.Container(width=0, height=0)
    toast = ([toast for toast in toasts.waiting if toast.action] or toasts.waiting)[-1]
    return ft.Row(
        [ft.Container(ToastBox(toast), key=f"toast-{toast.id}")], alignment=ft.MainAxisAlignment.CENTER
    )


@ft.component
def ToastBox(toast: Toast) -> ft.Control:
    """Draw one message, and take it away after a while, but not while somebody is on it."""
    toasts = use_services().toasts
    width = use_width()
    held, set_held = ft.use_state(False)  # noqa: FBT003

    async def expire() -> None:
        if held:
            return
        await asyncio.sleep(SHOWN_FOR * (2 if toast.action else 1))
        toasts.dismiss(toast)

    ft.use_effect(expire, dependencies=[held], cleanup=lambda: None)  # leaving ends the wait

    async def act() -> None:
        toasts.dismiss(toast)
        outcome = toast.on_action() if toast.on_action else None
        if inspect.isawaitable(outcome):
            await outcome

    icon, background, colour = _LOOKS[toast.tone]
    row: list[ft.Control] = [
        ft.Icon(icon, color=colour, size=20),
        ft.Semantics(
            content=ft.Text(toast.text, color=colour, max_lines=4, overflow=ft.TextOverflow.ELLIPSIS),
            container=True,
            live_region=True,
            expand=True,
        ),
    ]
    if toast.action:
        style = ft.ButtonStyle(color=ft.Colors.INVERSE_PRIMARY if _is_plain(toast.tone) else colour)
        row.append(
            ft.TextButton(
                toast.action,
                style=style,
                on_click=act,
                on_focus=lambda: set_held(True),
                on_blur=lambda: set_held(False),
            )
        )
    close = IconAction(ft.Icons.CLOSE, "Dismiss message", lambda: toasts.dismiss(toast), color=colour)
    close.on_focus, close.on_blur = (lambda: set_held(True)), (lambda: set_held(False))
    row.append(close)
    return ft.Container(
        ft.Row(row, spacing=SPACE, vertical_alignment=ft.CrossAxisAlignment.CENTER),
        bgcolor=background,
        border_radius=RADIUS,
        padding=ft.Padding.only(left=2 * SPACE, right=SPACE // 2, top=SPACE // 2, bottom=SPACE // 2),
        width=min(_WIDTH, width - 4 * SPACE),
        shadow=ft.BoxShadow(blur_radius=2 * SPACE, color=ft.Colors.with_opacity(0.25, ft.Colors.SHADOW)),
        on_hover=lambda event: set_held(event.data in {True, "true"}),
    )


def _is_plain(tone: Tone) -> bool:
    return tone in {Tone.INFO, Tone.SUCCESS}
