"""What failed in a small part of a view, in a line."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from hopcount_app.api_service.errors import ServiceError
from hopcount_app.theme import SPACE


def FailedLine(error: ServiceError, on_retry: Callable[[], None]) -> ft.Control:
    """Return it in plain words, with a way to try again."""
    words = ft.Semantics(content=ft.Text(error.message), container=True, live_region=True, expand=True)
    return ft.Row(
        [
            ft.Icon(ft.Icons.ERROR_OUTLINE, color=ft.Colors.ERROR),
            words,
            ft.TextButton("Retry", icon=ft.Icons.REFRESH, on_click=on_retry),
        ],
        spacing=1.5 * SPACE,
    )
