"""Whether the API answers, asked now."""

from __future__ import annotations

from time import perf_counter

import flet as ft

from hopcount_app.api_service.errors import ServerError, ServiceError
from hopcount_app.components.section import Section
from hopcount_app.loaded import Loaded, use_loaded
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE


@ft.component
def HealthSection() -> ft.Control:
    """Draw the answer, and a button that asks again."""
    api = use_services().api

    async def ask() -> float:
        begun = perf_counter()
        if not await api.health():
            raise ServerError("The API answers, but is not well.")
        return (perf_counter() - begun) * 1000

    answer, again = use_loaded(ask, [])
    button = ft.OutlinedButton("Check again", icon=ft.Icons.REFRESH, disabled=answer.busy, on_click=again)
    return Section("Health", None, [_said(answer), ft.Row([button])])


def _said(answer: Loaded[float]) -> ft.Control:
    if answer.busy:
        look = (ft.Icons.HOURGLASS_EMPTY, ft.Colors.ON_SURFACE_VARIANT, "Asking the API")
    elif answer.error or answer.value is None:
        look = (ft.Icons.ERROR_OUTLINE, ft.Colors.ERROR, _why(answer.error))
    else:
        look = (ft.Icons.CHECK_CIRCLE, ft.Colors.PRIMARY, f"The API answers, in {answer.value:.0f} ms")
    icon, color, text = look
    return ft.Semantics(
        container=True,
        live_region=True,
        content=ft.Row([ft.Icon(icon, color=color), ft.Text(text, expand=True)], spacing=1.5 * SPACE),
    )


def _why(error: ServiceError | None) -> str:
    return error.message if error else "The API does not answer"
