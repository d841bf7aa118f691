"""Signing in."""

from __future__ import annotations

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.auth.service import Account, TotpChallenge
from hopcount_app.components.auth_page import AuthPage, Choice, choices
from hopcount_app.components.notice import Notice
from hopcount_app.components.providers import Providers
from hopcount_app.components.sign_in_steps import SignInSteps
from hopcount_app.hooks import use_optional
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
    challenge, set_challenge = use_optional(TotpChallenge)
    route = ft.context.page.route

    async def signed_in(account: Account) -> None:
        services.usage.record("sign_in")
        services.session.account = account

    email = to.argument(route, to.EMAIL)
    return AuthPage(
        "Enter your code" if challenge else "Sign in",
        _lead(challenge),
        [
            *_notices(route, services.session.problem),
            ft.Container(SignInSteps(email, signed_in, set_challenge), key="steps"),
            *([] if challenge else [Providers()]),
        ],
        [] if challenge else choices(*_ELSEWHERE),
    )


def _lead(challenge: TotpChallenge | None) -> str:
    if challenge:
        return f"The password for {challenge.email} is right. Your authenticator app shows the code."
    return "to your links and their counts"


def _notices(route: str | None, problem: str) -> list[ft.Control]:
    if problem:
        return [ft.Container(Notice(problem, Tone.ERROR), key="problem")]
    done = _DONE.get(to.argument(route, "done"))
    return [ft.Container(Notice(done, Tone.SUCCESS), key="done")] if done else []
