"""All links together: how many, and how often they were followed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import flet as ft

from hopcount_app.api_service.models import Point, Profile, Stats
from hopcount_app.clicks import words, zones
from hopcount_app.components.card import Card
from hopcount_app.components.figure import Figure, FigureTile
from hopcount_app.loaded import use_loaded
from hopcount_app.services import use_services
from hopcount_app.theme import PEOPLE, SPACE

DAYS = 30
_BAR = 5 * SPACE


@ft.component
def Totals(*, compact: bool) -> ft.Control:
    """Draw the figures; without them the list is still of use, so a failure shows dashes only."""
    api = use_services().api

    async def load() -> tuple[Profile, Stats]:
        zone = zones.own_zone()
        today = zones.today(zone)
        first = (today - timedelta(days=DAYS - 1)).isoformat()
        return await asyncio.gather(
            api.profile(), api.account_stats(first, today.isoformat(), tz=zone, interval="day")
        )

    told, _ = use_loaded(load, [])
    profile, stats = told.value or (None, None)
    tiles = [
        FigureTile("Links", profile.total_links if profile else None),
        FigureTile("Clicks of all time", profile.total_clicks if profile else None),
    ]
    month = _month(stats)
    if compact:
        return ft.Column([ft.Row(tiles, spacing=SPACE), month], spacing=SPACE)
    return ft.Row([*tiles, ft.Container(month, expand=2)], spacing=2 * SPACE)


def _month(stats: Stats | None) -> ft.Control:
    name = f"Clicks in the last {DAYS} days"
    figure = Figure(name, stats.clicks if stats else None)
    bars = _bars(stats.series) if stats else ft.Container(height=_BAR)
    read = f"{name}: {words.number(stats.clicks)}" if stats else name
    row = ft.Row([figure, ft.Container(bars, expand=True)], spacing=2 * SPACE)
    return Card(ft.Semantics(content=row, label=read, exclude_semantics=True))


def _bars(series: Sequence[Point]) -> ft.Control:
    highest = max((point.clicks for point in series), default=0) or 1
    return ft.Row(
        [
            ft.Container(
                height=max(2, _BAR * point.clicks / highest), bgcolor=PEOPLE, border_radius=1, expand=True
            )
            for point in series
        ],
        spacing=2,
        height=_BAR,
        vertical_alignment=ft.CrossAxisAlignment.END,
    )
