"""Who may see which view."""

from __future__ import annotations

import flet as ft

from hopcount_app import detour
from hopcount_app import navigation as to
from hopcount_app.auth.service import Account
from hopcount_app.components.confirm_dialog import dialog
from hopcount_app.components.sign_in_steps import SignInSteps
from hopcount_app.screens import screen_of, use_screen
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE
from hopcount_app.views.sign_in import SignIn

PUBLIC = frozenset({to.SIGN_IN, to.SIGN_UP, to.CONFIRM, to.FORGOT, to.CALLBACK, to.ABOUT})
"""What people see without an account."""
PASSING = frozenset({to.SIGN_IN, to.CALLBACK})
"""What is of no use to somebody who is signed in."""


@ft.component
def Guard() -> ft.Control:
    """Draw the view; whoever is not signed in gets the sign-in in its place, so that its address stays.

    A session that ends while somebody works leaves the view as it is, behind the sign-in.
    """
    session, _ = ft.use_state(use_services().session)
    last: ft.MutableRef[Account | None] = ft.use_ref(None)
    worked: ft.MutableRef[Account | None] = ft.use_ref(None)
    path, view = ft.use_route_location(), ft.use_route_outlet()
    account, public = session.account, path in PUBLIC
    passing = account is not None and path in PASSING

    before, last.current = last.current, account or last.current
    other = bool(account and before and account.user_id != before.user_id)

    async def go_on() -> None:
        if other:  # nothing of the one before may stay
            await ft.UrlLauncher().launch_url("./", web_only_window_name="_self")
        elif passing:
            kept = await detour.end() if path == to.CALLBACK else ""
            to.go(kept or to.wanted(ft.context.page.route))

    def come_back() -> None:
        if account:
            session.left = False

    if account or public or session.left:
        worked.current = account
    interrupted = worked.current if account is None else None
    visible = account or public or interrupted
    use_screen(screen_of(path) if visible else "sign_in")
    ft.use_effect(come_back, dependencies=[account])
    ft.use_effect(go_on, dependencies=[passing, other])
    ft.use_dialog(_interruption(interrupted) if interrupted else None)
    if passing:
        return ft.ProgressBar(semantics_label="Signed in")
    return view if visible else SignIn()


def _interruption(account: Account) -> ft.AlertDialog:
    """Return the sign-in over a view, which nobody sees meanwhile."""
    steps = ft.Column(
        [
            ft.Text("Your session is over. Sign in to go on where you were; what you typed is kept."),
            SignInSteps(account.email),
            ft.TextButton("Leave", on_click=lambda: to.go(to.SIGN_IN)),
        ],
        spacing=2 * SPACE,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    shown = dialog("Sign in again", steps, lambda: None)
    shown.modal = True
    shown.barrier_color = ft.Colors.SURFACE
    return shown
