"""The other ways to sign in: accounts elsewhere, and the managed login page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from hopcount_app import detour
from hopcount_app import navigation as to
from hopcount_app.api_service.errors import ServiceError
from hopcount_app.hooks import use_flag
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE


@ft.component
def Providers() -> ft.Control:
    """Draw a button for each; nothing while it is not known which there are."""
    services = use_services()
    names, set_names = ft.use_state(tuple[str | None, ...]())
    busy, begin, end = use_flag()

    async def load() -> None:
        try:
            deployment = await services.api.deployment()
        except ServiceError:
            return
        set_names((*deployment.providers, *([None] if deployment.login_url else [])))

    async def leave(provider: str | None) -> None:
        begin()
        try:
            address = await services.auth.authorize_url(provider)
            await detour.keep(to.onward(ft.context.page.route))
            await ft.UrlLauncher().launch_url(address, web_only_window_name="_self")
        except ServiceError as error:
            services.toasts.show(error.message)
        finally:
            end()

    ft.use_effect(load, dependencies=[])
    if not names:
        return ft.Container()
    return ft.Column(
        [_or(), *(_button(name, leave, busy=busy) for name in names)],
        spacing=1.5 * SPACE,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _or() -> ft.Control:
    return ft.Row(
        [
            ft.Divider(expand=True, height=1),
            ft.Text("or", color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Divider(expand=True, height=1),
        ],
        spacing=2 * SPACE,
    )


def _button(name: str | None, leave: Callable[[str | None], Awaitable[None]], *, busy: bool) -> ft.Control:
    async def clicked(_event: Any) -> None:
        await leave(name)

    return ft.OutlinedButton(
        f"Continue with {name or 'the sign-in page'}",
        disabled=busy,
        on_click=clicked,
        style=ft.ButtonStyle(padding=ft.Padding.symmetric(vertical=2 * SPACE)),
    )
