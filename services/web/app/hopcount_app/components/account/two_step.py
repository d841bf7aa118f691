"""A second step at each sign-in: the code that an authenticator app shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from hopcount_app.api_service.errors import ServiceError
from hopcount_app.auth.service import TotpSetup
from hopcount_app.components.confirm_dialog import ConfirmDialog
from hopcount_app.components.copy_button import CopyButton
from hopcount_app.components.failed_line import FailedLine
from hopcount_app.components.form import Action, Form, Values
from hopcount_app.components.qr_code import QrCode
from hopcount_app.components.section import Section, Sentence
from hopcount_app.components.sign_in_steps import TOTP
from hopcount_app.components.states import Loading
from hopcount_app.hooks import use_flag, use_optional
from hopcount_app.loaded import use_loaded
from hopcount_app.services import use_services
from hopcount_app.store.toasts import Tone
from hopcount_app.theme import SPACE

_WHY = "With an authenticator app, a stolen password alone opens nothing."


@ft.component
def TwoStepSection() -> ft.Control:
    """Draw whether it is on, and the way to set it up or to turn it off."""
    services = use_services()
    auth, toasts = services.auth, services.toasts
    state, again = use_loaded(auth.totp_is_on, [])
    setup, set_setup = use_optional(TotpSetup)
    asking, ask, close = use_flag()

    async def begin() -> None:
        try:
            set_setup(await auth.begin_totp())
        except ServiceError as error:
            toasts.show(error.message, Tone.ERROR)

    def finished() -> None:
        set_setup(None)
        again()
        toasts.show("Two-step sign-in is on", Tone.SUCCESS)

    async def turn_off() -> None:
        await auth.disable_totp()
        again()
        toasts.show("Two-step sign-in is off")

    ft.use_dialog(_ask(turn_off, close) if asking else None)
    if setup:
        content: ft.Control = TotpSetUp(setup, finished, lambda: set_setup(None))
    elif state.value is not None:
        content = _state(on=state.value, begin=begin, stop=ask)
    elif state.error:
        content = FailedLine(state.error, again)
    else:
        content = Loading(1, height=5 * SPACE)
    return Section("Two-step sign-in", _WHY, [content])


def _ask(turn_off: Callable[[], Awaitable[None]], close: Callable[[], None]) -> ft.AlertDialog:
    return ConfirmDialog(
        "Turn two-step sign-in off?",
        "From then on your password alone signs you in. Your authenticator app's entry becomes useless; "
        "to turn it on again, set it up anew.",
        "Turn it off",
        turn_off,
        close,
    )


def _state(*, on: bool, begin: Callable[[], Awaitable[None]], stop: Callable[[], None]) -> ft.Control:
    icon = ft.Icons.VERIFIED_USER_OUTLINED if on else ft.Icons.SHIELD_OUTLINED
    color = ft.Colors.PRIMARY if on else ft.Colors.ON_SURFACE_VARIANT
    button = (
        ft.OutlinedButton("Turn off", on_click=stop) if on else ft.FilledTonalButton("Set up", on_click=begin)
    )
    return ft.Row(
        [ft.Icon(icon, color=color), Sentence("On" if on else "Off", expand=True), button],
        spacing=1.5 * SPACE,
    )


@ft.component
def TotpSetUp(setup: TotpSetup, on_done: Callable[[], None], on_cancel: Callable[[], None]) -> ft.Control:
    """Show what an authenticator app needs, and take its first code."""
    auth = use_services().auth

    async def confirm(values: Values) -> None:
        await auth.confirm_totp(values["code"])
        on_done()

    return ft.Column(
        [
            Sentence("1. Scan this with the app, or type the key into it."),
            ft.Row(
                [QrCode(setup.uri, "QR code for your authenticator app")],
                alignment=ft.MainAxisAlignment.CENTER,
            ),
            _secret(setup.secret),
            Sentence("2. Enter the code that the app shows then."),
            Form((TOTP,), Action("Turn on", confirm, "Turning it on", cancel=on_cancel)),
        ],
        spacing=2 * SPACE,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _secret(secret: str) -> ft.Control:
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return ft.Container(
        ft.Row(
            [
                Sentence(groups, expand=True, spoken=f"Key {groups}"),
                CopyButton(secret, "Copy key", "Key copied"),
            ],
            spacing=SPACE,
        ),
        bgcolor=ft.Colors.SURFACE_CONTAINER,
        border_radius=SPACE,
        padding=ft.Padding.only(left=2 * SPACE, right=SPACE, top=SPACE // 2, bottom=SPACE // 2),
    )
