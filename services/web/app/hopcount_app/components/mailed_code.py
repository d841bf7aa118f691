"""A code that comes by mail: the field for it, and another one for whoever got none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from hopcount_app import validation
from hopcount_app.api_service.errors import ServiceError
from hopcount_app.components.form_field import Field
from hopcount_app.services import use_services
from hopcount_app.store.toasts import Tone

PAUSE_SECONDS = 30
"""How long to wait between two mails."""

MAILED_CODE = Field(
    "code",
    "Code",
    validation.code,
    helper="Six digits; look among the spam, too",
    autofill=ft.AutofillHint.ONE_TIME_CODE,
    digits=6,
)


@ft.component
def Resend(send: Callable[[], Awaitable[None]]) -> ft.Control:
    """Draw a button that sends another code, not twice within half a minute."""
    toasts = use_services().toasts
    left, set_left = ft.use_state(PAUSE_SECONDS)

    async def count_down() -> None:
        if left > 0:
            await asyncio.sleep(1)
            set_left(left - 1)

    async def clicked(_event: Any) -> None:
        set_left(PAUSE_SECONDS)
        try:
            await send()
            toasts.show("Another code is on its way", Tone.SUCCESS)
        except ServiceError as error:
            set_left(0)
            toasts.show(error.message, Tone.ERROR)

    ft.use_effect(count_down, dependencies=[left])
    text = f"Send another code in {left} s" if left else "Send another code"
    return ft.TextButton(text, disabled=left > 0, on_click=clicked)
