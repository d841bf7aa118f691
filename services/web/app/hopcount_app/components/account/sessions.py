"""The way out."""

from __future__ import annotations

import flet as ft

from hopcount_app.api_service.errors import ServiceError
from hopcount_app.components.confirm_dialog import ConfirmDialog
from hopcount_app.components.section import Section
from hopcount_app.hooks import use_flag
from hopcount_app.services import use_services
from hopcount_app.sign_out import sign_out
from hopcount_app.store.toasts import Tone
from hopcount_app.theme import SPACE


@ft.component
def SessionsSection() -> ft.Control:
    """Draw the ways to sign out."""
    services = use_services()
    asking, ask, close = use_flag()

    async def leave() -> None:
        try:
            await sign_out(services)
        except ServiceError as error:
            services.toasts.show(error.message, Tone.ERROR)

    async def leave_everywhere() -> None:
        await sign_out(services, everywhere=True)

    question = ConfirmDialog(
        "Sign out everywhere?",
        "Every browser and program that is signed in with your account has to sign in again within the hour. "
        "API tokens go on working; revoke them one by one.",
        "Sign out everywhere",
        leave_everywhere,
        close,
        dangerous=False,
    )
    ft.use_dialog(question if asking else None)
    buttons: list[ft.Control] = [
        ft.OutlinedButton("Sign out", icon=ft.Icons.LOGOUT, on_click=leave),
        ft.TextButton("Sign out everywhere", on_click=ask),
    ]
    row = ft.Row(buttons, spacing=SPACE, run_spacing=SPACE, wrap=True)
    return Section("Sessions", "Signing out removes your session from this browser, in all its tabs.", [row])
