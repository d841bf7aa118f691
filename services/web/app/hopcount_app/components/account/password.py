"""Another password."""

from __future__ import annotations

from dataclasses import replace

import flet as ft

from hopcount_app.components.form import Action, Form, Values
from hopcount_app.components.section import Section
from hopcount_app.components.sign_in_steps import NEW_PASSWORD, PASSWORD
from hopcount_app.hooks import use_flag
from hopcount_app.services import use_services
from hopcount_app.store.toasts import Tone

_OLD = replace(PASSWORD, name="old", label="Current password")
_NEW = replace(NEW_PASSWORD, label="New password")


@ft.component
def PasswordSection() -> ft.Control:
    """Draw a button, and the form once it is wanted."""
    services = use_services()
    wanted, begin, stop = use_flag()

    async def change(values: Values) -> None:
        await services.auth.change_password(values["old"], values["password"])
        stop()
        services.toasts.show("Your password is changed", Tone.SUCCESS)

    control: ft.Control = ft.Row([ft.OutlinedButton("Change password", on_click=begin)])
    if wanted:
        control = Form((_OLD, _NEW), Action("Change password", change, "Changing it", cancel=stop))
    return Section("Password", "Whoever signs in by another provider has none here.", [control])
