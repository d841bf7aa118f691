"""An address without a view."""

from __future__ import annotations

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.components.auth_page import AuthPage
from hopcount_app.screens import use_screen


@ft.component
def NotFound() -> ft.Control:
    """Draw it."""
    use_screen("not_found")
    return AuthPage(
        "There is nothing here",
        "The address is wrong, or what was here is gone.",
        [ft.Row([ft.FilledButton("Go to your links", on_click=lambda _: to.go(to.LINKS))])],
        [],
    )
