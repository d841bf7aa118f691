"""Clicks over time: people and machines as two lines, on axes with round numbers."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft
import flet_charts as fch

from hopcount_app.api_service.models import Point
from hopcount_app.clicks import scale, words
from hopcount_app.clicks.choice import HOUR
from hopcount_app.theme import MACHINES, PEOPLE, SPACE
from hopcount_app.window import is_compact, is_wide, use_width

_FEW = 14
"""Up to this many points, each is drawn as a dot too."""
_LEFT = 5 * SPACE
_DASHES = [5, 4]


@ft.component
def ClickChart(
    series: Sequence[Point],
    interval: str,
    summary: str,
    *,
    begun: int | None = None,
    show_machines: bool = True,
    height: float = 35 * SPACE,
) -> ft.Control:
    """Draw a series without gaps; it never moves, for those whom movement disturbs.

    Parameters
    ----------
    interval
        `day` or `hour`.
    summary
        What assistive technology reads in place of the picture.
    begun
        How many points have begun; the lines end there, the axis goes on. All, where it is `None`.
    """
    told = series[:begun]
    width = use_width()
    room = 10 if is_wide(width) else 4 if is_compact(width) else 7
    highest = max((max(p.clicks, p.bot_clicks if show_machines else 0) for p in series), default=0)
    lines = [_people(told)]
    if show_machines:
        lines.append(_machines(told))
    chart = fch.LineChart(
        data_series=lines,
        animation=ft.Animation(duration=0),
        min_x=0 if len(series) > 1 else -1,
        max_x=max(len(series) - 1, 1),
        min_y=0,
        max_y=scale.upwards(highest)[-1],
        left_axis=_left(highest),
        bottom_axis=_bottom(series, interval, room),
        horizontal_grid_lines=fch.ChartGridLines(
            interval=scale.upwards(highest)[1], color=ft.Colors.OUTLINE_VARIANT, width=1
        ),
        border=ft.Border(  # a grid has no line at its very top
            top=ft.BorderSide(1, ft.Colors.OUTLINE_VARIANT), bottom=ft.BorderSide(1, ft.Colors.OUTLINE)
        ),
        tooltip=fch.LineChartTooltip(
            bgcolor=ft.Colors.INVERSE_SURFACE,
            border_radius=SPACE,
            padding=ft.Padding.symmetric(vertical=SPACE, horizontal=SPACE * 3 // 2),
            max_width=30 * SPACE,
            fit_inside_horizontally=True,
            fit_inside_vertically=True,
        ),
    )
    box = ft.Container(chart, height=height, padding=ft.Padding.only(top=SPACE, right=2 * SPACE))
    return ft.Semantics(content=box, label=summary, image=True, container=True, exclude_semantics=True)


def Legend(*, show_machines: bool = True) -> ft.Control:
    """Return which line is which."""
    entries = [_entry("People", PEOPLE, dashed=False)]
    if show_machines:
        entries.append(_entry("Machines", MACHINES, dashed=True))
    return ft.Row(entries, spacing=2 * SPACE, tight=True)


def _entry(name: str, colour: ft.ColorValue, *, dashed: bool) -> ft.Control:
    widths = (7, 7) if dashed else (18,)
    dashes = [ft.Container(width=width, height=3, bgcolor=colour, border_radius=2) for width in widths]
    sample = ft.Row([*dashes], spacing=4, tight=True)
    return ft.Row(
        [sample, ft.Text(name, theme_style=ft.TextThemeStyle.BODY_SMALL)], spacing=SPACE, tight=True
    )


def _people(series: Sequence[Point]) -> fch.LineChartData:
    whens = words.labels(series)
    return fch.LineChartData(
        points=[
            _point(x, point.clicks, f"{when}\nPeople: {words.number(point.clicks)}")
            for x, (point, when) in enumerate(zip(series, whens, strict=True))
        ],
        color=PEOPLE,
        stroke_width=2.5,
        below_line_bgcolor=ft.Colors.with_opacity(0.10, PEOPLE),
        point=_dot(PEOPLE, len(series)),
        selected_point=fch.ChartCirclePoint(color=PEOPLE, radius=5),
        selected_below_line=fch.ChartPointLine(color=ft.Colors.OUTLINE, width=1),
    )


def _machines(series: Sequence[Point]) -> fch.LineChartData:
    return fch.LineChartData(
        points=[
            _point(x, point.bot_clicks, f"Machines: {words.number(point.bot_clicks)}")
            for x, point in enumerate(series)
        ],
        color=MACHINES,
        stroke_width=2,
        dash_pattern=_DASHES,
        point=_dot(MACHINES, len(series)),
        selected_point=fch.ChartCirclePoint(color=MACHINES, radius=4),
        selected_below_line=False,
    )


def _point(x: int, y: int, words: str) -> fch.LineChartDataPoint:
    """Return a point. Each needs its words: a chart with fewer tooltips than lines cannot draw any."""
    style = ft.TextStyle(color=ft.Colors.ON_INVERSE_SURFACE, size=13)
    return fch.LineChartDataPoint(x, y, tooltip=fch.LineChartDataPointTooltip(text=words, text_style=style))


def _dot(colour: ft.ColorValue, count: int) -> fch.ChartCirclePoint | None:
    return fch.ChartCirclePoint(color=colour, radius=3) if count <= _FEW else None


def _left(highest: int) -> fch.ChartAxis:
    marks = scale.upwards(highest)
    return fch.ChartAxis(
        labels=[fch.ChartAxisLabel(mark, _written(words.short_number(mark))) for mark in marks],
        label_spacing=marks[1],
        label_size=_LEFT,
    )


def _bottom(series: Sequence[Point], interval: str, room: int) -> fch.ChartAxis:
    times = [words.begins(point) for point in series]
    marks = scale.along(times, room, by_hour=interval == HOUR)
    return fch.ChartAxis(
        labels=[fch.ChartAxisLabel(mark.at, _written(mark.label)) for mark in marks],
        label_spacing=1,  # labels are asked for at multiples of this alone
        label_size=3 * SPACE,
    )


def _written(text: str) -> ft.Text:
    return ft.Text(text, size=12, color=ft.Colors.ON_SURFACE_VARIANT, no_wrap=True)
