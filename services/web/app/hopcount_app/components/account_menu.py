"""Who is signed in, how it looks, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import flet as ft

from hopcount_app import appearance
from hopcount_app import navigation as to
from hopcount_app.api_service.errors import ServiceError
from hopcount_app.services import use_services
from hopcount_app.sign_out import sign_out
from hopcount_app.store.toasts import Tone
from hopcount_app.theme import SPACE


@ft.component
def AccountMenu(*, extended: bool = False) -> ft.Control:
    """Draw a button that opens the menu; with the address in it where there is room (`extended`)."""
    services = use_services()
    page = ft.context.page
    mode, set_mode = ft.use_state(page.theme_mode or ft.ThemeMode.SYSTEM)
    account = services.session.account

    async def choose(new: ft.ThemeMode) -> None:
        set_mode(new)
        await appearance.choose(page, new)

    async def leave() -> None:
        try:
            await sign_out(services)
        except ServiceError as error:
            services.toasts.show(error.message, Tone.ERROR)

    items = [
        ft.PopupMenuItem(label, icon=icon, checked=mode is choice, on_click=partial(choose, choice))
        for choice, (label, icon) in appearance.CHOICES.items()
    ]
    if account is None:
        ways: list[ft.PopupMenuItem] = [_item("Sign in", ft.Icons.LOGIN, lambda: to.go(to.SIGN_IN))]
    else:
        ways = [
            _item("Account", ft.Icons.PERSON_OUTLINE, lambda: to.go(to.ACCOUNT)),
            _item("Sign out", ft.Icons.LOGOUT, leave),
        ]
    return ft.PopupMenuButton(
        _face(account.email if account else "Not signed in", extended=extended),
        items=[*items, ft.PopupMenuItem(height=1), *ways],
        tooltip="Account menu",
        menu_position=ft.PopupMenuPosition.UNDER,
    )


def _item(label: str, icon: ft.IconData, on_click: Callable[..., object]) -> ft.PopupMenuItem:
    return ft.PopupMenuItem(label, icon=icon, on_click=on_click)


def _face(email: str, *, extended: bool) -> ft.Control:
    letter = ft.CircleAvatar(
        ft.Text(email[:1].upper(), semantics_label="" if extended else email, weight=ft.FontWeight.W_500),
        bgcolor=ft.Colors.PRIMARY_CONTAINER,
        color=ft.Colors.ON_PRIMARY_CONTAINER,
        radius=2 * SPACE,
    )
    if not extended:
        return letter
    name = ft.Text(
        email,
        theme_style=ft.TextThemeStyle.BODY_SMALL,
        max_lines=1,
        overflow=ft.TextOverflow.ELLIPSIS,
        width=17 * SPACE,
    )
    return ft.Row([letter, name], spacing=SPACE, tight=True)
