"""The account: profile, sign-in, tokens, settings, export, end."""

from __future__ import annotations

import flet as ft

from hopcount_app.components.account.data import DataSection
from hopcount_app.components.account.deletion import DeletionSection
from hopcount_app.components.account.password import PasswordSection
from hopcount_app.components.account.profile import ProfileSection
from hopcount_app.components.account.sessions import SessionsSection
from hopcount_app.components.account.settings import SettingsSection
from hopcount_app.components.account.tokens import TokensSection
from hopcount_app.components.account.two_step import TwoStepSection
from hopcount_app.components.page_body import PageBody
from hopcount_app.components.page_header import PageHeader
from hopcount_app.theme import SPACE
from hopcount_app.window import is_wide, use_width


@ft.component
def AccountView() -> ft.Control:
    """Draw it: in two columns where there is room."""
    header = PageHeader("Account", "Who you are here, how you sign in, and what is yours")
    left = [
        ProfileSection(),
        PasswordSection(),
        TwoStepSection(),
        SessionsSection(),
    ]
    right = [
        TokensSection(),
        SettingsSection(),
        DataSection(),
        DeletionSection(),
    ]
    if not is_wide(use_width()):
        return PageBody([header, _column([*left, *right])])
    columns = ft.Row(
        [_column(left, expand=True), _column(right, expand=True)],
        spacing=3 * SPACE,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    return PageBody([header, columns])


def _column(sections: list[ft.Control], *, expand: bool = False) -> ft.Control:
    return ft.Column(
        sections,
        spacing=3 * SPACE,
        tight=True,
        expand=expand,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
