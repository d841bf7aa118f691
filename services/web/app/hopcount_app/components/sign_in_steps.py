"""The steps of a sign-in: the password, then the authenticator app's code where one is wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from hopcount_app import validation
from hopcount_app.auth.service import Account, TotpChallenge
from hopcount_app.components.form import Action, Form, Values
from hopcount_app.components.form_field import Field
from hopcount_app.components.password_rules import PasswordRules
from hopcount_app.hooks import use_optional
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE

EMAIL = Field("email", "Email", validation.email, autofill=ft.AutofillHint.EMAIL)
PASSWORD = Field("password", "Password", validation.required, autofill=ft.AutofillHint.PASSWORD, secret=True)
NEW_PASSWORD = Field(
    "password",
    "Password",
    validation.password,
    autofill=ft.AutofillHint.NEW_PASSWORD,
    secret=True,
    note=PasswordRules,
)
TOTP = Field(
    "code",
    "Code",
    validation.code,
    helper="Six digits, from your authenticator app",
    autofill=ft.AutofillHint.ONE_TIME_CODE,
    digits=6,
)


@ft.component
def SignInSteps(
    email: str,
    on_done: Callable[[Account], Awaitable[None]],
    on_step: Callable[[TotpChallenge | None], None] = lambda _challenge: None,
) -> ft.Control:
    """Ask for what a sign-in takes.

    Parameters
    ----------
    email
        What is known already, else empty.
    on_done
        Gets who is signed in.
    on_step
        Gets the challenge when it begins, and `None` when it is given up.
    """
    auth = use_services().auth
    challenge, set_challenge = use_optional(TotpChallenge)

    def go_on(to: TotpChallenge | None) -> None:
        set_challenge(to)
        on_step(to)

    async def sign_in(values: Values) -> None:
        answer = await auth.sign_in(values["email"].strip(), values["password"])
        if isinstance(answer, TotpChallenge):
            go_on(answer)
        else:
            await on_done(answer)

    if challenge is None:
        form = Form((EMAIL, PASSWORD), Action("Sign in", sign_in, "Signing in"), initial={"email": email})
        return ft.Container(form, key="password")
    return ft.Container(TotpStep(challenge, on_done, lambda: go_on(None)), key="code")


@ft.component
def TotpStep(
    challenge: TotpChallenge, on_done: Callable[[Account], Awaitable[None]], on_back: Callable[[], None]
) -> ft.Control:
    """Ask for the code."""
    auth = use_services().auth

    async def answer(values: Values) -> None:
        await on_done(await auth.answer_totp(challenge, values["code"]))

    return ft.Column(
        [
            Form((TOTP,), Action("Sign in", answer, "Signing in")),
            ft.TextButton("Back to the password", on_click=on_back),
        ],
        spacing=SPACE,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
