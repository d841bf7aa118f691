"""Clicks in a period: the chart or its table, the numbers, who it was, and all of it as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import flet as ft

from hopcount_app.api_service.models import Stats
from hopcount_app.clicks import words, zones
from hopcount_app.clicks.shares import TITLES, shares
from hopcount_app.components.breakdown import Breakdown
from hopcount_app.components.buttons import IconAction
from hopcount_app.components.card import Card
from hopcount_app.components.click_chart import ClickChart, Legend
from hopcount_app.components.click_table import ClickTable
from hopcount_app.components.page_header import Heading
from hopcount_app.theme import SPACE
from hopcount_app.window import is_compact, use_width

_INEXACT = (
    "Clicks are kept by the hour of UTC, and this zone is not whole hours away from it: "
    "those around midnight may count for the day beside."
)
_BY_UTC = "By days in UTC, people only."


@ft.component
def ClickPanel(
    stats: Stats, *, busy: bool, on_refresh: Callable[[], None], on_download: Callable[[], object]
) -> ft.Control:
    """Draw what is told about a period; `busy` says that something newer is on its way."""
    as_table, set_as_table = ft.use_state(False)  # noqa: FBT003
    show_machines, set_show_machines = ft.use_state(True)  # noqa: FBT003
    begun = words.so_far(stats.series, datetime.now(UTC), zones.today(stats.tz))
    drawn = (
        ClickTable(begun)
        if as_table
        else ClickChart(
            stats.series,
            stats.interval,
            words.summary(stats),
            begun=len(begun),
            show_machines=show_machines,
        )
    )
    tools: list[ft.Control] = [
        ft.Checkbox(
            label="Machines",
            value=show_machines,
            visible=not as_table,
            on_change=lambda event: set_show_machines(bool(event.control.value)),
        ),
        IconAction(
            ft.Icons.SHOW_CHART if as_table else ft.Icons.TABLE_ROWS_OUTLINED,
            "Show as chart" if as_table else "Show as table",
            lambda: set_as_table(not as_table),
        ),
        IconAction(ft.Icons.DOWNLOAD, "Download as CSV", on_download),
        IconAction(ft.Icons.REFRESH, "Refresh", on_refresh, disabled=busy),
    ]
    parts: list[ft.Control] = [
        ft.Row(
            [_totals(stats), ft.Row(tools, spacing=0, tight=True)],
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
            run_spacing=SPACE,
            wrap=True,
        ),
        ft.ProgressBar(bar_height=2, semantics_label="Loading") if busy else ft.Container(height=2),
        drawn,
    ]
    if not as_table:
        parts.append(Legend(show_machines=show_machines))
    if not stats.zone_is_exact:
        parts.append(_note(_INEXACT))
    box = Card(_column(parts, spacing=SPACE))
    return _column([box, _Who(stats)])


def _totals(stats: Stats) -> ft.Control:
    numbers = words.counted(stats.clicks, stats.bot_clicks)
    return ft.Column([Heading(numbers), _note(words.days(stats.first, stats.last))], spacing=0, tight=True)


@ft.component
def _Who(stats: Stats) -> ft.Control:
    """Draw the breakdowns, in two columns where there is room."""
    cards = [Breakdown(title, shares(name, stats.breakdowns.get(name, {}))) for name, title in TITLES.items()]
    head = ft.Column([Heading("Who it was"), _note(_BY_UTC)], spacing=0, tight=True)
    columns = [_column(cards)]
    if not is_compact(use_width()):
        columns = [_column(cards[::2]), _column(cards[1::2])]
    row = ft.Row([*columns], spacing=2 * SPACE, vertical_alignment=ft.CrossAxisAlignment.START)
    return _column([head, row], spacing=SPACE * 3 // 2)


def _column(controls: Sequence[ft.Control], spacing: float = 2 * SPACE) -> ft.Control:
    return ft.Column(
        [*controls], spacing=spacing, horizontal_alignment=ft.CrossAxisAlignment.STRETCH, expand=True
    )


def _note(text: str) -> ft.Control:
    return ft.Text(text, theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT)
