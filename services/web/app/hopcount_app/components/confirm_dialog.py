"""Asking again before something that cannot be taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from hopcount_app.components.form import Action, Form, Values
from hopcount_app.theme import RADIUS, SPACE

WIDTH = 440


def dialog(title: str, content: ft.Control, on_close: Callable[[], None]) -> ft.AlertDialog:
    """Return a dialog for `ft.use_dialog`; Escape and a click beside it close it."""
    return ft.AlertDialog(
        title=ft.Text(title, theme_style=ft.TextThemeStyle.TITLE_LARGE),
        content=ft.Container(content, width=WIDTH),
        content_padding=ft.Padding.only(left=3 * SPACE, right=3 * SPACE, top=2 * SPACE, bottom=3 * SPACE),
        actions_padding=0,
        scrollable=True,
        shape=ft.RoundedRectangleBorder(radius=RADIUS),
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
        on_dismiss=lambda _: on_close(),
    )


def ConfirmDialog(
    title: str,
    text: str,
    action: str,
    on_confirm: Callable[[], Awaitable[None]],
    on_close: Callable[[], None],
    *,
    dangerous: bool = True,
) -> ft.AlertDialog:
    """Return a dialog that asks; it shows the `ServiceError` that `on_confirm` raises where it fails."""

    async def confirm(_values: Values) -> None:
        await on_confirm()
        on_close()

    act = Action(action, confirm, cancel=on_close, dangerous=dangerous)
    return dialog(title, Form((), act, lead=text), on_close)
