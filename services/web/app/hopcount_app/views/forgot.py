"""A new password for whoever forgot theirs."""

from __future__ import annotations

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.components.auth_page import AuthPage, Choice, choices
from hopcount_app.components.form import Action, Form, Values
from hopcount_app.components.mailed_code import MAILED_CODE, Resend
from hopcount_app.components.sign_in_steps import EMAIL, NEW_PASSWORD
from hopcount_app.services import use_services

_BACK = Choice("Remembered it?", "Sign in", to.SIGN_IN)


@ft.component
def Forgot() -> ft.Control:
    """Draw the step that the address tells: who it is, then the code and the new password."""
    route = ft.context.page.route
    email = to.argument(route, to.EMAIL)
    if email and to.argument(route, "sent"):
        return Reset(email, to.onward(route))
    return Ask(email, to.onward(route))


@ft.component
def Ask(known: str, onward: str) -> ft.Control:
    """Ask whose password it is."""
    auth = use_services().auth

    async def ask(values: Values) -> None:
        email = values["email"].strip()
        await auth.forgot(email)
        to.go(to.FORGOT, email=email, sent="1", next=onward)

    form = Form((EMAIL,), Action("Send a code", ask, "Sending it"), initial={"email": known})
    return AuthPage("Set a new password", "We mail you a code that allows it.", [form], choices(_BACK))


@ft.component
def Reset(email: str, onward: str) -> ft.Control:
    """Ask for the code and the new password."""
    auth = use_services().auth

    async def reset(values: Values) -> None:
        await auth.reset(email, values["code"], values["password"])
        to.go(to.SIGN_IN, email=email, done="reset", next=onward)

    return AuthPage(
        "Set a new password",
        f"If there is an account for {email}, a code is on its way there.",
        [
            Form((MAILED_CODE, NEW_PASSWORD), Action("Set password", reset, "Setting it")),
            Resend(lambda: auth.forgot(email)),
        ],
        choices(_BACK),
    )
