"""A new account."""

from __future__ import annotations

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.components.auth_page import AuthPage, Choice, choices
from hopcount_app.components.form import Action, Form, Values
from hopcount_app.components.sign_in_steps import EMAIL, NEW_PASSWORD
from hopcount_app.services import use_services


@ft.component
def SignUp() -> ft.Control:
    """Draw it."""
    services = use_services()

    async def sign_up(values: Values) -> None:
        email = values["email"].strip()
        await services.auth.sign_up(email, values["password"])
        services.usage.record("sign_up", result="ok")
        to.go(to.CONFIRM, email=email, next=to.onward(ft.context.page.route))

    return AuthPage(
        "Create an account",
        "We send a code to your address, to see that it is yours.",
        [Form((EMAIL, NEW_PASSWORD), Action("Create account", sign_up, "Creating it"))],
        choices(Choice("Have an account?", "Sign in", to.SIGN_IN)),
    )
