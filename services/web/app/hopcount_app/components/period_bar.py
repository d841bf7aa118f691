"""Choosing which clicks are shown: the days, by day or by hour, and whose days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import flet as ft

from hopcount_app.clicks import zones
from hopcount_app.clicks.choice import DAY, HOUR, OWN, RANGES, Choice, Period
from hopcount_app.components.own_days import OwnDays
from hopcount_app.theme import SPACE
from hopcount_app.window import is_compact, use_width

_WORDS = {"7d": "7 days", "30d": "30 days", "90d": "90 days", "1y": "1 year", OWN: "Own"}
_SHORT = {"7d": "7 d", "30d": "30 d", "90d": "90 d", "1y": "1 y", OWN: "Own"}


@ft.component
def PeriodBar(choice: Choice, today: date, on_change: Callable[[Choice], None]) -> ft.Control:
    """Draw the switches; `on_change` hears of the new choice."""
    compact = is_compact(use_width())
    asking, set_asking = ft.use_state(False)  # noqa: FBT003

    def chosen(days: Period) -> None:
        set_asking(False)
        on_change(choice.with_days(days))

    def pick_range(event: ft.Event[ft.SegmentedButton]) -> None:
        names = event.control.selected or [choice.range]
        if names[0] == OWN:
            set_asking(True)
        else:
            set_asking(False)
            on_change(choice.with_range(names[0]))

    def pick_interval(event: ft.Event[ft.SegmentedButton]) -> None:
        on_change(replace(choice, by_hour=event.control.selected[0] == HOUR))

    switches: list[ft.Control] = [
        _ranges(OWN if asking else choice.range, _SHORT if compact else _WORDS, pick_range),
        _intervals(choice, pick_interval),
        _zone(choice, on_change, wide=compact),
    ]
    bar = ft.Row(switches, spacing=2 * SPACE, run_spacing=SPACE * 3 // 2, wrap=True)
    if not asking:
        return bar
    own = OwnDays(choice.period(today), today, chosen, lambda: set_asking(False))
    return ft.Column([bar, own], spacing=SPACE * 3 // 2, tight=True)


def _ranges(
    selected: str, words: dict[str, str], on_change: Callable[[ft.Event[ft.SegmentedButton]], None]
) -> ft.Control:
    return ft.SegmentedButton(
        segments=[ft.Segment(name, label=ft.Text(words[name], no_wrap=True)) for name in (*RANGES, OWN)],
        selected=[selected],
        allow_empty_selection=True,  # so that a click on what is chosen is heard: `Own` again
        show_selected_icon=False,
        on_change=on_change,
    )


def _intervals(choice: Choice, on_change: Callable[[ft.Event[ft.SegmentedButton]], None]) -> ft.Control:
    why_not = None if choice.hours_can_be_had else "Hours are there for 31 days at most"
    return ft.SegmentedButton(
        segments=[
            ft.Segment(DAY, label="By day"),
            ft.Segment(HOUR, label="By hour", disabled=why_not is not None),
        ],
        selected=[choice.interval],
        show_selected_icon=False,
        tooltip=why_not,
        on_change=on_change,
    )


def _zone(choice: Choice, on_change: Callable[[Choice], None], *, wide: bool) -> ft.Control:
    own = zones.own_zone()
    offered = zones.choices(own, choice.zone)
    return ft.DropdownM2(
        label="Time zone",
        value=choice.zone,
        options=[ft.dropdownm2.Option(key=zone, content=ft.Text(zones.label(zone, own))) for zone in offered],
        on_change=lambda event: on_change(replace(choice, zone=str(event.control.value))),
        width=None if wide else 30 * SPACE,
        max_menu_height=40 * SPACE,
        dense=True,
    )
