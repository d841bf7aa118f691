"""The form of a link, new or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import flet as ft

from hopcount_app import validation
from hopcount_app.api_service.errors import ServiceError
from hopcount_app.api_service.models import Link
from hopcount_app.components.buttons import IconAction
from hopcount_app.components.form import Action, Form
from hopcount_app.components.form_field import Field
from hopcount_app.hooks import use_flag
from hopcount_app.link_input import STATUSES, Options, check_moment, day_of, on_day, write_moment
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE

Send = Callable[[dict[str, str], Options], Awaitable[None]]

_PAUSE = 0.4
_YEARS = 20
"""How far the calendar goes; later days can be typed."""
_WEEKS_BEGIN_ON_MONDAY = ft.Locale("en", "GB")
_BORDER = ft.OutlineInputBorder(border_radius=SPACE)


@ft.component
def LinkForm(
    label: str, send: Send, *, link: Link | None = None, on_cancel: Callable[[], None] | None = None
) -> ft.Control:
    """Draw the form; `link` is the one to change, and without it a new one is made."""
    options = ft.use_memo(lambda: Options.of(link) if link else Options(), [])

    async def run(values: Any) -> None:
        await send(dict(values), options)

    initial = {"originalUrl": link.original_url, "expiresAt": write_moment(link.expires_at)} if link else {}
    action = Action(label, run, busy="Saving", cancel=on_cancel)
    return Form(_fields(is_new=link is None), action, initial=initial, more=[MoreOptions(options)])


def _fields(*, is_new: bool) -> list[Field]:
    target = Field("originalUrl", "Address to shorten", lambda text: validation.target(text.strip()))
    alias = Field(
        "alias",
        "Name (optional)",
        lambda text: validation.alias(text.strip()),
        helper="3 to 64 letters, digits, - or _. Without one a short code is made up.",
        note=AliasNote,
    )
    ends = Field(
        "expiresAt",
        "Ends (optional)",
        lambda text: check_moment(text, datetime.now(UTC)),
        helper="By your own clock, such as 2026-12-31 18:00. Empty is never.",
        choice=DayButton,
    )
    return [target, alias, ends] if is_new else [target, ends]


@ft.component
def DayButton(text: str, choose: Callable[[str], None]) -> ft.Control:
    """Draw a button that opens a calendar; the day chosen there is put into what is typed."""
    is_open, show, close = use_flag()
    today = datetime.now().astimezone().date()

    def chosen(event: ft.Event[ft.DatePicker]) -> None:
        close()
        moment = event.control.value
        if isinstance(moment, datetime):
            choose(on_day(text, moment.astimezone().date()))

    calendar = ft.DatePicker(
        value=max(day_of(text) or today, today),
        first_date=today,
        last_date=today.replace(year=today.year + _YEARS, day=1),
        current_date=today,
        help_text="The link ends",
        locale=_WEEKS_BEGIN_ON_MONDAY,
        on_change=chosen,
        on_dismiss=close,
    )
    ft.use_dialog(calendar if is_open else None)
    return IconAction(ft.Icons.CALENDAR_MONTH_OUTLINED, "Choose a day", show)


@ft.component
def AliasNote(alias: str) -> ft.Control:
    """Draw whether a name can be had, a moment after it was typed."""
    api = use_services().api
    told, set_told = ft.use_state(("", ""))
    wanted = alias.strip()

    async def ask() -> None:
        if not wanted or validation.alias(wanted):
            return
        await asyncio.sleep(_PAUSE)
        try:
            is_free = await api.alias_is_free(wanted)
        except ServiceError:
            return  # whoever sends the form is told
        set_told((wanted, "is free" if is_free else "is taken"))

    ft.use_effect(ask, dependencies=[wanted], cleanup=lambda: None)
    if not wanted or told[0] != wanted:
        return ft.Container(height=0)
    free = told[1] == "is free"
    colour = ft.Colors.PRIMARY if free else ft.Colors.ERROR
    icon = ft.Icons.CHECK if free else ft.Icons.BLOCK
    words = ft.Text(f"{wanted} {told[1]}", color=colour)
    row = ft.Row([ft.Icon(icon, size=2 * SPACE, color=colour), words], spacing=SPACE)
    return ft.Semantics(content=row, container=True, live_region=True)


@ft.component
def MoreOptions(options: Options) -> ft.Control:
    """Draw what few links need, folded away."""
    _, set_drawn = ft.use_state(0)

    def choose(name: str, value: Any) -> None:
        setattr(options, name, value)
        set_drawn(lambda count: count + 1)

    status = ft.Dropdown(
        value=str(options.status),
        label="How visitors are sent on",
        options=[ft.DropdownOption(key=str(code), text=text) for code, text in STATUSES.items()],
        on_select=lambda event: choose("status", int(event.control.value)),
        border=_BORDER,
        expand=True,
    )
    age = ft.TextField(
        value=options.max_age,
        label="Remembered by browsers, in seconds (optional)",
        helper="Clicks that a browser answers from memory are not counted.",
        error=validation.max_age(options.max_age),
        keyboard_type=ft.KeyboardType.NUMBER,
        border=_BORDER,
        on_change=lambda event: choose("max_age", event.control.value),
    )
    query = ft.Switch(
        label="Pass the visitor's query on to the address",
        value=options.pass_query,
        on_change=lambda event: choose("pass_query", event.control.value),
    )
    return ft.ExpansionTile(
        title="More options",
        controls=[
            ft.Column(
                [ft.Row([status]), age, query],
                spacing=2 * SPACE,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        ],
        controls_padding=ft.Padding.only(top=SPACE, bottom=SPACE),
        tile_padding=0,
        shape=ft.RoundedRectangleBorder(radius=0),
    )
