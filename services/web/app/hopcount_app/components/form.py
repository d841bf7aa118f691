"""A form: labelled fields, what is wrong with them, and one button that sends it. Enter sends it as well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flet as ft

from hopcount_app.api_service.errors import ServiceError
from hopcount_app.components.form_field import Field, FieldBox, Handlers
from hopcount_app.components.notice import Notice
from hopcount_app.form_state import FormState
from hopcount_app.store.toasts import Tone
from hopcount_app.theme import SPACE

Values = Mapping[str, str]

PAUSE = 0.7
"""Seconds without a key after which a value is looked at."""


@dataclass(frozen=True)
class Action:
    """What a form is for.

    Parameters
    ----------
    label, busy
        What its button says, and what while it is under way.
    run
        Gets the values once they are right; raises `ServiceError` to refuse them.
    cancel
        Gives it up; without it there is no such button.
    dangerous
        Whether the button warns.
    """

    label: str
    run: Callable[[Values], Awaitable[None]]
    busy: str = "One moment"
    cancel: Callable[[], None] | None = None
    dangerous: bool = False


class _Filling:
    """A form while somebody fills it in."""

    def __init__(self, fields: Sequence[Field], initial: Values) -> None:
        self.fields = fields
        self.state = FormState({f.name: f.check for f in fields}, dict(initial))
        self.action: Action
        self.redraw: Callable[[], None]
        self._boxes: dict[str, ft.TextField] = {}
        self._shown: set[str] = set()

    async def begin(self) -> None:
        """Put the focus on the first empty field."""
        await self._focus(next((f.name for f in self.fields if not self.state.value(f.name)), None))

    async def send(self, _event: Any = None) -> None:
        """Check everything and send it, once; show what is wrong."""
        state = self.state
        if state.busy:
            return
        if state.check():
            state.busy = True
            self.redraw()
            try:
                await self.action.run(dict(state.values))
                state.forget([f.name for f in self.fields if f.secret or f.digits])
            except ServiceError as error:
                state.refuse(error)
            finally:
                state.busy = False
        self.redraw()
        await self._focus(state.first_wrong())

    def drawn(self) -> list[ft.Control]:
        """Draw the fields, each with its note."""
        on = Handlers(self._typed, self._chosen, self._left, self.send, self._toggled)
        controls: list[ft.Control] = []
        for field in self.fields:
            value, error = self.state.value(field.name), self.state.errors.get(field.name)
            self._boxes[field.name] = FieldBox(field, value, error, field.name in self._shown, on)
            controls.append(self._boxes[field.name])
            if field.note and not error:
                controls.append(ft.Container(field.note(value), key=f"{field.name}-note"))
        return controls

    def _typed(self, name: str, value: str) -> None:
        before = self.state.errors.get(name)
        self.state.type(name, value)
        has_note = any(f.note for f in self.fields if f.name == name)
        if has_note or before != self.state.errors.get(name):
            self.redraw()
        ft.context.page.run_task(self._paused, name, value)

    def _chosen(self, name: str, value: str) -> None:
        self.state.type(name, value)
        self.state.leave(name)
        self.redraw()

    async def _paused(self, name: str, value: str) -> None:
        """Say what is wrong with a value once nobody types on."""
        await asyncio.sleep(PAUSE)
        if self.state.value(name) == value and not self.state.busy:
            self._left(name)

    def _left(self, name: str) -> None:
        before = self.state.errors.get(name)
        self.state.leave(name)
        if before != self.state.errors.get(name):
            self.redraw()

    def _toggled(self, name: str) -> None:
        self._shown ^= {name}
        self.redraw()

    async def _focus(self, name: str | None) -> None:
        if name in self._boxes:
            await self._boxes[name].focus()  # type: ignore[no-untyped-call]


@ft.component
def Form(
    fields: Sequence[Field],
    action: Action,
    *,
    initial: Values | None = None,
    lead: str | None = None,
    more: Sequence[ft.Control] = (),
) -> ft.Control:
    """Draw a form; its first empty field has the focus.

    Parameters
    ----------
    fields, more
        What is asked, and what else is drawn above the button.
    action
        What it is for.
    initial
        What the fields hold to begin with.
    lead
        A sentence above all.
    """
    filling = ft.use_memo(lambda: _Filling(fields, initial or {}), [])
    _, set_drawn = ft.use_state(0)
    filling.action, filling.redraw = action, lambda: set_drawn(lambda count: count + 1)
    ft.use_effect(filling.begin, dependencies=[])

    controls: list[ft.Control] = [ft.Text(lead, key="lead")] if lead else []
    if filling.state.problem:
        controls.append(ft.Container(Notice(filling.state.problem, Tone.ERROR), key="problem"))
    controls += filling.drawn()
    controls += [ft.Container(control, key=f"more-{index}") for index, control in enumerate(more)]
    controls.append(ft.Container(_buttons(action, filling.send, busy=filling.state.busy), key="action"))
    return ft.AutofillGroup(
        ft.Column(controls, spacing=2 * SPACE, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
    )


def _buttons(action: Action, send: Callable[..., Any], *, busy: bool) -> ft.Control:
    ring = ft.ProgressRing(width=16, height=16, stroke_width=2, color=ft.Colors.ON_SURFACE_VARIANT)
    words = ft.Row(
        [*([ring] if busy else []), ft.Text(action.busy if busy else action.label)],
        spacing=1.5 * SPACE,
        alignment=ft.MainAxisAlignment.CENTER,
        tight=True,
    )
    style = ft.ButtonStyle()
    if action.dangerous:
        style.bgcolor, style.color = ft.Colors.ERROR, ft.Colors.ON_ERROR
    if action.cancel is None:
        style.padding = ft.Padding.symmetric(vertical=2 * SPACE)
        return ft.Row([ft.FilledButton(words, disabled=busy, on_click=send, style=style, expand=True)])
    return ft.Row(
        [
            ft.TextButton("Cancel", on_click=action.cancel),
            ft.FilledButton(words, disabled=busy, on_click=send, style=style),
        ],
        alignment=ft.MainAxisAlignment.END,
        spacing=SPACE,
    )
