"""What a view shows when it has nothing to show: it loads, there is nothing, it failed, nobody answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from hopcount_app.api_service.errors import OfflineError, RateLimitedError, SessionOverError
from hopcount_app.theme import RADIUS, SPACE

_TEXT_WIDTH = 420


def Loading(rows: int = 4, *, height: float = 8 * SPACE, label: str = "Loading") -> ft.Control:
    """Return the grey shape of what is to come. It does not move, for those whom movement disturbs."""
    shapes: list[ft.Control] = [
        ft.Container(
            height=height,
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            border_radius=RADIUS,
            opacity=1 - 0.6 * index / max(rows, 1),
        )
        for index in range(rows)
    ]
    return ft.Semantics(
        content=ft.Column(shapes, spacing=SPACE, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        container=True,
        live_region=True,
        label=label,
    )


def Empty(icon: ft.IconData, title: str, text: str, action: ft.Control | None = None) -> ft.Control:
    """Return why there is nothing here, and what to do about it."""
    parts: list[ft.Control] = [
        ft.Container(
            ft.Icon(icon, size=4 * SPACE, color=ft.Colors.ON_SECONDARY_CONTAINER),
            bgcolor=ft.Colors.SECONDARY_CONTAINER,
            border_radius=4 * SPACE,
            padding=2 * SPACE,
        ),
        ft.Text(title, theme_style=ft.TextThemeStyle.TITLE_LARGE, text_align=ft.TextAlign.CENTER),
        ft.Container(
            ft.Text(text, color=ft.Colors.ON_SURFACE_VARIANT, text_align=ft.TextAlign.CENTER),
            width=_TEXT_WIDTH,
        ),
    ]
    if action is not None:
        parts.append(ft.Container(action, padding=ft.Padding.only(top=SPACE)))
    return ft.Container(
        ft.Semantics(
            content=ft.Column(
                parts, spacing=SPACE, tight=True, horizontal_alignment=ft.CrossAxisAlignment.CENTER
            ),
            container=True,
        ),
        padding=ft.Padding.symmetric(vertical=6 * SPACE, horizontal=2 * SPACE),
        alignment=ft.Alignment.CENTER,
    )


def Failed(error: Exception, on_retry: Callable[..., Any] | None = None) -> ft.Control:
    """Return what went wrong in plain words, with a way to try again."""
    if isinstance(error, OfflineError):
        return Offline(on_retry)
    icon, title = ft.Icons.ERROR_OUTLINE, "That did not work"
    if isinstance(error, RateLimitedError):
        icon, title = ft.Icons.HOURGLASS_EMPTY, "Too many requests"
    elif isinstance(error, SessionOverError):
        icon, title = ft.Icons.LOCK_OUTLINE, "You are signed out"
    return Empty(icon, title, str(error), _retry(on_retry))


def Offline(on_retry: Callable[..., Any] | None = None) -> ft.Control:
    """Return that nobody answers; what was loaded before is better than this, so show that where there is."""
    text = "Hopcount cannot be reached. Check your connection; what you typed is still here."
    return Empty(ft.Icons.CLOUD_OFF_OUTLINED, "You are offline", text, _retry(on_retry))


def _retry(on_retry: Callable[..., Any] | None) -> ft.Control | None:
    return (
        None if on_retry is None else ft.FilledTonalButton("Retry", icon=ft.Icons.REFRESH, on_click=on_retry)
    )
