"""The end of an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.components.confirm_dialog import dialog
from hopcount_app.components.form import Action, Form, Values
from hopcount_app.components.form_field import Field
from hopcount_app.components.section import Section
from hopcount_app.hooks import use_flag
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE

CONSEQUENCES = (
    "All your short links stop working, for good; nobody can have their names again.",
    "Their statistics are erased.",
    "Your API tokens end, and your programs with them.",
    "You are signed out everywhere. There is no way back.",
)


@ft.component
def DeletionSection() -> ft.Control:
    """Draw what follows from it, and the button that asks once more."""
    services = use_services()
    asking, ask, close = use_flag()
    account = services.session.account

    async def delete(_values: Values) -> None:
        await services.api.delete_account()
        services.session.left = True
        await services.auth.sign_out()
        to.go(to.SIGN_IN, done="deleted")

    question = (
        dialog("Delete your account?", _question(account.email, delete, close), close) if account else None
    )
    ft.use_dialog(question if asking else None)
    style = ft.ButtonStyle(color=ft.Colors.ERROR, side=ft.BorderSide(1, ft.Colors.ERROR))
    button = ft.OutlinedButton("Delete account", style=style, on_click=ask)
    return Section("Delete account", "Export your links first, if you may want them.", [ft.Row([button])])


def _question(
    email: str, delete: Callable[[Values], Awaitable[None]], close: Callable[[], None]
) -> ft.Control:
    def check(text: str) -> str | None:
        return None if text.strip().lower() == email.lower() else f"Type {email} to go on."

    field = Field("email", "Your email", check, helper=f"Type {email} to confirm")
    return ft.Column(
        [
            *(_consequence(text) for text in CONSEQUENCES),
            Form((field,), Action("Delete for good", delete, "Deleting", cancel=close, dangerous=True)),
        ],
        spacing=2 * SPACE,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _consequence(text: str) -> ft.Control:
    return ft.Row(
        [ft.Icon(ft.Icons.REMOVE, size=16, color=ft.Colors.ERROR), ft.Text(text, expand=True)],
        spacing=SPACE,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
