"""The steps of a sign-in: the password, then the authenticator app's code where one is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import flet as ft

from hopcount_app import navigation as to
from hopcount_app import validation
from hopcount_app.api_service.errors import InvalidError, UnconfirmedError
from hopcount_app.auth.service import Account, AuthService, NewPasswordChallenge, TotpChallenge
from hopcount_app.components.form import Action, Form, Values
from hopcount_app.components.form_field import Field
from hopcount_app.components.password_rules import PasswordRules
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


Challenge = TotpChallenge | NewPasswordChallenge


@ft.component
def SignInSteps(
    email: str, on_step: Callable[[Challenge | None], None] = lambda _challenge: None
) -> ft.Control:
    """Ask for what a sign-in takes; whoever listens to the session learns that it is done.

    Parameters
    ----------
    email
        What is known already, else empty.
    on_step
        Gets a challenge when it begins, and `None` when it is given up.
    """
    services = use_services()
    auth = services.auth
    challenge: Challenge | None
    challenge, set_challenge = ft.use_state(cast("Challenge | None", None))

    def go_on(answer: Account | Challenge | None) -> None:
        if isinstance(answer, Account):
            services.usage.record("sign_in", result="ok")
            return
        set_challenge(answer)
        on_step(answer)

    async def sign_in(values: Values) -> None:
        email = values["email"].strip()
        try:
            go_on(await auth.sign_in(email, values["password"]))
        except UnconfirmedError:
            to.go(to.CONFIRM, email=email, next=to.onward(ft.context.page.route))
        except InvalidError:
            services.usage.record("sign_in", result="failed")
            raise

    async def answer(values: Values) -> None:
        go_on(await _answered(auth, challenge, values))

    if challenge is None:
        form = Form((EMAIL, PASSWORD), Action("Sign in", sign_in, "Signing in"), initial={"email": email})
        return ft.Container(form, key="password")
    if isinstance(challenge, TotpChallenge):
        form = Form((TOTP,), Action("Sign in", answer, "Signing in"))
    else:
        form = Form((NEW_PASSWORD,), Action("Set password", answer, "Setting it"))
    return ft.Column(
        [
            ft.Container(form, key=type(challenge).__name__),
            ft.TextButton("Back to the password", on_click=lambda: go_on(None)),
        ],
        key="challenge",
        spacing=SPACE,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


async def _answered(
    auth: AuthService, challenge: Challenge | None, values: Values
) -> Account | Challenge | None:
    if isinstance(challenge, TotpChallenge):
        return await auth.answer_totp(challenge, values["code"])
    if isinstance(challenge, NewPasswordChallenge):
        return await auth.answer_new_password(challenge, values["password"])
    return None
