"""The frame around every view of somebody who is signed in: brand, navigation, messages."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.theme import CONTENT, SPACE
from hopcount_app.window import is_compact, is_wide, use_width


@dataclass(frozen=True, slots=True)
class Destination:
    """An entry of the navigation."""

    path: str
    label: str
    icon: ft.IconData
    selected_icon: ft.IconData


DESTINATIONS = (
    Destination(to.LINKS, "Links", ft.Icons.LINK_OUTLINED, ft.Icons.LINK),
    Destination(to.NEW, "New link", ft.Icons.ADD_CIRCLE_OUTLINE, ft.Icons.ADD_CIRCLE),
    Destination(to.TRASH, "Trash", ft.Icons.DELETE_OUTLINE, ft.Icons.DELETE),
    Destination(to.ACCOUNT, "Account", ft.Icons.PERSON_OUTLINE, ft.Icons.PERSON),
    Destination(to.ABOUT, "About", ft.Icons.INFO_OUTLINE, ft.Icons.INFO),
)


def selected(path: str) -> int | None:
    """Return which entry of the navigation a path belongs to."""
    for index, destination in enumerate(DESTINATIONS):
        if path == destination.path:
            return index
    return 0 if path.startswith("/links/") else None


@ft.component
def Shell() -> ft.Control:
    """Draw the frame and the view in it."""
    width, path = use_width(), ft.use_route_location()
    content = ft.Container(
        ft.use_route_outlet(),
        padding=2 * SPACE if is_compact(width) else 4 * SPACE,
        width=min(width, CONTENT) if is_compact(width) else None,
        expand=True,
    )
    if is_compact(width):
        return ft.Column([content, _bar(path)], spacing=0, expand=True)
    return ft.Row(
        [_rail(path, extended=is_wide(width)), content],
        spacing=0,
        expand=True,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _bar(path: str) -> ft.Control:
    return ft.NavigationBar(
        selected_index=selected(path) or 0,
        on_change=lambda event: to.go(DESTINATIONS[int(event.control.selected_index)].path),
        destinations=[
            ft.NavigationBarDestination(label=d.label, icon=d.icon, selected_icon=d.selected_icon)
            for d in DESTINATIONS
        ],
    )


def _rail(path: str, *, extended: bool) -> ft.Control:
    return ft.NavigationRail(
        selected_index=selected(path),
        extended=extended,
        min_extended_width=200,
        label_type=ft.NavigationRailLabelType.NONE if extended else ft.NavigationRailLabelType.ALL,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
        on_change=lambda event: to.go(DESTINATIONS[int(event.control.selected_index)].path),
        destinations=[
            ft.NavigationRailDestination(label=d.label, icon=d.icon, selected_icon=d.selected_icon)
            for d in DESTINATIONS
        ],
    )
