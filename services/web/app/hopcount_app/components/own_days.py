"""Asking for a first and a last day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import flet as ft

from hopcount_app.clicks.choice import Period
from hopcount_app.theme import SPACE

_FIELD = 20 * SPACE


@ft.component
def OwnDays(
    days: Period, today: date, on_choose: Callable[[Period], None], on_cancel: Callable[[], None]
) -> ft.Control:
    """Draw two fields, filled with `days`; Enter in either shows what was asked for."""
    first, set_first = ft.use_state(days.first.isoformat())
    last, set_last = ft.use_state(days.last.isoformat())
    problem, set_problem = ft.use_state("")

    def choose() -> None:
        try:
            wanted = Period(date.fromisoformat(first.strip()), date.fromisoformat(last.strip()))
        except ValueError:
            set_problem("Write days like 2026-11-23.")
            return
        wrong = wanted.problem(today)
        if wrong is None:
            on_choose(wanted)
        set_problem(wrong or "")

    fields: list[ft.Control] = [
        _field("First day", first, set_first, choose, autofocus=True),
        _field("Last day", last, set_last, choose),
        ft.FilledTonalButton("Show", on_click=choose),
        ft.TextButton("Cancel", on_click=on_cancel),
    ]
    row = ft.Row(fields, spacing=SPACE, run_spacing=SPACE, wrap=True)
    if not problem:
        return row
    said = ft.Text(problem, color=ft.Colors.ERROR)
    return ft.Column(
        [row, ft.Semantics(content=said, container=True, live_region=True)], spacing=SPACE, tight=True
    )


def _field(
    label: str,
    value: str,
    on_change: Callable[[str], None],
    on_submit: Callable[[], None],
    *,
    autofocus: bool = False,
) -> ft.Control:
    return ft.TextField(
        label=label,
        value=value,
        hint_text="YYYY-MM-DD",
        width=_FIELD,
        dense=True,
        autofocus=autofocus,
        max_length=10,
        counter="",
        on_change=lambda event: on_change(str(event.control.value)),
        on_submit=on_submit,
    )
