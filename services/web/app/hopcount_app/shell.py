"""The frame around every view of somebody who is signed in: brand, navigation, messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.components.account_menu import AccountMenu
from hopcount_app.components.brand import Brand
from hopcount_app.components.debug_panel import DebugPanel
from hopcount_app.components.skip_link import SkipLink, SkipTarget
from hopcount_app.components.toast_host import ToastHost
from hopcount_app.listening import use_changes
from hopcount_app.services import use_services
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

RAIL, WIDE_RAIL = 88, 216
_BAR = 80  # height of the navigation on a phone


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
    target: ft.MutableRef[ft.KeyboardListener | None] = ft.use_ref(None)
    compact = is_compact(width)
    frame = _phone(width, path, target) if compact else _desk(width, path, target)
    toasts = ft.Container(
        ToastHost(),
        left=SPACE * 2,
        right=SPACE * 2,
        bottom=SPACE * 2 + (_BAR if compact else 0),
        alignment=ft.Alignment.CENTER,
    )
    return ft.Stack([frame, toasts, SkipLink(target)], expand=True)


def _phone(width: float, path: str, target: ft.MutableRef[ft.KeyboardListener | None]) -> ft.Control:
    head = ft.Container(
        ft.Row([Brand(), _Now(), ft.Container(expand=True), AccountMenu()], spacing=SPACE),
        padding=ft.Padding.symmetric(horizontal=2 * SPACE, vertical=SPACE),
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
    )
    return ft.Column(
        [head, SkipTarget(target), _content(width, 2 * SPACE), _bar(path)], spacing=0, expand=True
    )


def _desk(width: float, path: str, target: ft.MutableRef[ft.KeyboardListener | None]) -> ft.Control:
    wide = is_wide(width)
    content = _content(width - (WIDE_RAIL if wide else RAIL), (4 if wide else 3) * SPACE)
    return ft.Row(
        [_rail(path, extended=wide), ft.Column([SkipTarget(target), content], spacing=0, expand=True)],
        spacing=0,
        expand=True,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _content(room: float, padding: float) -> ft.Control:
    """Return the view, centred, and not wider than is good to read."""
    return ft.Container(
        ft.Container(ft.use_route_outlet(), width=min(room - 2 * padding, CONTENT)),
        padding=ft.Padding.only(left=padding, right=padding, top=padding),
        alignment=ft.Alignment.TOP_CENTER,
        expand=True,
    )


@ft.component
def _Now() -> ft.Control:
    """Draw the mark of debug mode, where it is on."""
    return DebugPanel() if use_services().debug else ft.Container()


@ft.component
def _Region() -> ft.Control:
    """Draw which region answers."""
    regions = use_services().regions
    use_changes(regions.listeners)
    region = regions.current.region
    return ft.Text(
        region,
        theme_style=ft.TextThemeStyle.LABEL_SMALL,
        color=ft.Colors.ON_SURFACE_VARIANT,
        semantics_label=f"Region {region}" if region else None,
    )


def _bar(path: str) -> ft.Control:
    return ft.NavigationBar(
        selected_index=selected(path) or 0,
        height=_BAR,
        on_change=_go,
        destinations=[
            ft.NavigationBarDestination(label=d.label, icon=d.icon, selected_icon=d.selected_icon)
            for d in DESTINATIONS
        ],
    )


def _rail(path: str, *, extended: bool) -> ft.Control:
    side = ft.CrossAxisAlignment.START if extended else ft.CrossAxisAlignment.CENTER
    head = ft.Container(
        ft.Column([Brand(words=extended), _Now()], spacing=SPACE, tight=True, horizontal_alignment=side),
        padding=ft.Padding.only(top=2 * SPACE, bottom=3 * SPACE),
        width=(WIDE_RAIL if extended else RAIL) - 2 * SPACE * (2 if extended else 1),
    )
    foot = ft.Container(
        ft.Column(
            [AccountMenu(extended=extended), _Region()], spacing=SPACE, tight=True, horizontal_alignment=side
        ),
        padding=ft.Padding.only(bottom=2 * SPACE),
        width=(WIDE_RAIL if extended else RAIL) - 2 * SPACE * (2 if extended else 1),
    )
    return ft.NavigationRail(
        selected_index=selected(path),
        extended=extended,
        min_width=RAIL,
        min_extended_width=WIDE_RAIL,
        label_type=ft.NavigationRailLabelType.NONE if extended else ft.NavigationRailLabelType.ALL,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
        leading=head,
        trailing=foot,
        pin_trailing_to_bottom=True,
        scrollable=True,
        on_change=_go,
        destinations=[
            ft.NavigationRailDestination(label=d.label, icon=d.icon, selected_icon=d.selected_icon)
            for d in DESTINATIONS
        ],
    )


def _go(event: Any) -> None:
    to.go(DESTINATIONS[int(event.control.selected_index)].path)
