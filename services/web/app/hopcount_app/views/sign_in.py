"""Signing in."""

from __future__ import annotations

from typing import cast

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.auth.service import NewPasswordChallenge, TotpChallenge
from hopcount_app.components.auth_page import AuthPage, Choice, choices
from hopcount_app.components.notice import Notice
from hopcount_app.components.providers import Providers
from hopcount_app.components.sign_in_steps import Challenge, SignInSteps
from hopcount_app.services import use_services
from hopcount_app.store.toasts import Tone

_DONE = {
    "confirmed": "Your address is confirmed. Sign in to begin.",
    "reset": "Your new password is set. Sign in with it.",
    "deleted": "Your account is deleted.",
}
"""What was done just before, by its name in the address."""

_ELSEWHERE = (
    Choice("No account yet?", "Sign up", to.SIGN_UP),
    Choice("Forgot your password?", "Set a new one", to.FORGOT),
)


@ft.component
def SignIn() -> ft.Control:
    """Draw it; it is shown in place of any view that wants an account, too."""
    services = use_services()
    challenge: Challenge | None
    challenge, set_challenge = ft.use_state(cast("Challenge | None", None))
    route = ft.context.page.route
    email = to.argument(route, to.EMAIL)
    return AuthPage(
        *_heading(challenge),
        [
            *_notices(route, services.session.problem),
            ft.Container(SignInSteps(email, set_challenge), key="steps"),
            *([] if challenge else [Providers()]),
        ],
        [] if challenge else choices(*_ELSEWHERE),
    )


def _heading(challenge: Challenge | None) -> tuple[str, str]:
    if isinstance(challenge, TotpChallenge):
        right = f"The password for {challenge.email} is right."
        return "Enter your code", f"{right} Your authenticator app shows the code."
    if isinstance(challenge, NewPasswordChallenge):
        return "Choose a password", "The one of your invitation was for once. This one is yours."
    return "Sign in", "to your links and their counts"


def _notices(route: str | None, problem: str) -> list[ft.Control]:
    if problem:
        return [ft.Container(Notice(problem, Tone.ERROR), key="problem")]
    done = _DONE.get(to.argument(route, "done"))
    return [ft.Container(Notice(done, Tone.SUCCESS), key="done")] if done else []
