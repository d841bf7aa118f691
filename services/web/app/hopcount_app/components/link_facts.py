"""What a link is, and how often it was followed since it was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import flet as ft

from hopcount_app.api_service.models import Link, Stats
from hopcount_app.clicks import words
from hopcount_app.components.card import Card
from hopcount_app.components.figure import FigureTile
from hopcount_app.theme import RADIUS, SPACE

_REDIRECTS = {
    301: "301: for good",
    302: "302: for now",
    307: "307: for now, same method",
    308: "308: for good, same method",
}
_EVER = "Clicks of all time"
_IMPORTED = "Counted elsewhere before the link was brought here; nobody here can prove them."


def LinkTotals(link: Link, stats: Stats | None) -> ft.Control:
    """Return the clicks of all time: those of the statistics where they are there, which are newer."""
    people = link.clicks if stats is None else stats.total_clicks
    machines = link.bot_clicks if stats is None else stats.total_bot_clicks
    tiles = [FigureTile("People", people, _EVER), FigureTile("Machines", machines, _EVER)]
    if link.imported_clicks:
        tiles.append(FigureTile("Imported", link.imported_clicks, _IMPORTED))
    return ft.Row(tiles, spacing=2 * SPACE)


def LinkState(link: Link) -> ft.Control | None:
    """Return why the link sends nobody on, or `None` where it does."""
    if link.disabled_at is not None:
        reason = f" The reason: {link.disabled_reason}" if link.disabled_reason else ""
        text = f"Whoever runs this service has disabled this link. It answers 451.{reason}"
        return _banner(ft.Icons.BLOCK, text, ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER)
    if link.expires_at is not None and link.expires_at <= datetime.now(UTC):
        text = f"This link expired on {words.moment(link.expires_at)}. It answers 410."
        return _banner(
            ft.Icons.TIMER_OFF_OUTLINED, text, ft.Colors.TERTIARY_CONTAINER, ft.Colors.ON_TERTIARY_CONTAINER
        )
    return None


def LinkFacts(link: Link) -> ft.Control:
    """Return how the link behaves, in words."""
    cells: list[ft.Control] = [_fact(name, value) for name, value in facts(link)]
    return Card(ft.ResponsiveRow(cells, spacing=2 * SPACE, run_spacing=SPACE * 3 // 2))


def facts(link: Link) -> Sequence[tuple[str, str]]:
    """Tell what there is to know of a link, as names and values."""
    told = [
        ("Made", words.moment(link.created_at)),
        ("Ends", words.moment(link.expires_at) if link.expires_at else "never"),
        ("Redirect", _REDIRECTS.get(link.redirect_status, str(link.redirect_status))),
        ("Visitor's query", "passed on" if link.pass_query else "dropped"),
    ]
    if link.max_age is not None:
        kept = f"for {words.lasting(link.max_age)}" if link.max_age else "never"
        told.append(("Kept by browsers", kept))
    if link.updated_at != link.created_at:
        told.append(("Changed", words.moment(link.updated_at)))
    return told


def _fact(name: str, value: str) -> ft.Control:
    content = ft.Column(
        [
            ft.Text(name, theme_style=ft.TextThemeStyle.LABEL_MEDIUM, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.Text(value),
        ],
        spacing=0,
        tight=True,
    )
    read = ft.Semantics(content=content, label=f"{name}: {value}", container=True, exclude_semantics=True)
    return ft.Container(read, col={"xs": 6, "md": 4, "lg": 3})


def _banner(icon: ft.IconData, text: str, background: ft.Colors, colour: ft.Colors) -> ft.Control:
    return ft.Semantics(
        content=ft.Container(
            ft.Row([ft.Icon(icon, color=colour), ft.Text(text, color=colour, expand=True)], spacing=SPACE),
            bgcolor=background,
            border_radius=RADIUS,
            padding=2 * SPACE,
        ),
        container=True,
    )
