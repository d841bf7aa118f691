"""Proving the address with the code that was mailed to it."""

from __future__ import annotations

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.components.auth_page import AuthPage, Choice, choices
from hopcount_app.components.form import Action, Form, Values
from hopcount_app.components.mailed_code import MAILED_CODE, Resend
from hopcount_app.components.sign_in_steps import EMAIL
from hopcount_app.services import use_services


@ft.component
def Confirm() -> ft.Control:
    """Draw it; who comes without an address in the query is asked for it."""
    services = use_services()
    route = ft.context.page.route
    known = to.argument(route, to.EMAIL)

    async def confirm(values: Values) -> None:
        email = known or values["email"].strip()
        await services.auth.confirm(email, values["code"])
        to.go(to.SIGN_IN, email=email, done="confirmed", next=to.onward(route))

    fields = (MAILED_CODE,) if known else (EMAIL, MAILED_CODE)
    return AuthPage(
        "Confirm your address",
        f"We mailed a code to {known}." if known else "The code is in the mail that we sent you.",
        [
            Form(fields, Action("Confirm", confirm, "Confirming")),
            *([Resend(lambda: services.auth.resend(known))] if known else []),
        ],
        choices(Choice("Wrong address?", "Sign up again", to.SIGN_UP)),
    )
