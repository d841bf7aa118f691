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
from hopcount_app.components.columns import Columns
from hopcount_app.components.page_body import PageBody
from hopcount_app.components.page_header import PageHeader


@ft.component
def AccountView() -> ft.Control:
    """Draw it."""
    return PageBody(
        [
            PageHeader("Account", "Who you are here, how you sign in, and what is yours"),
            Columns(
                [ProfileSection(), PasswordSection(), TwoStepSection(), SessionsSection()],
                [TokensSection(), SettingsSection(), DataSection(), DeletionSection()],
            ),
        ]
    )
