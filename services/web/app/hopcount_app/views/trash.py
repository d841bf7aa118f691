"""Deleted links."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import flet as ft

from hopcount_app.ages import ago
from hopcount_app.components.card import Card
from hopcount_app.components.links.badges import Badges
from hopcount_app.components.page_header import PageHeader
from hopcount_app.components.states import Empty, Failed, Loading
from hopcount_app.listening import use_changes
from hopcount_app.services import use_services
from hopcount_app.store.links import LinkStore
from hopcount_app.store.listing import Row
from hopcount_app.theme import SPACE

_AHEAD = 600


@ft.component
def Trash() -> ft.Control:
    """Draw it."""
    store = use_services().links
    use_changes(store.listeners)

    async def read() -> None:
        await store.refresh(store.trash)

    async def scrolled(event: ft.OnScrollEvent) -> None:
        if event.extent_after < _AHEAD:
            await store.more(store.trash)

    ft.use_effect(read, dependencies=[], cleanup=lambda: None)
    head = PageHeader("Trash", "Deleted links answer 410 and keep their counts until they are restored.")
    return ft.ListView(
        [ft.Container(head, key="head"), *_lines(store, read)],
        spacing=SPACE * 3 // 2,
        padding=ft.Padding.only(bottom=10 * SPACE),
        on_scroll=scrolled,
        scroll_interval=200,
        expand=True,
    )


def _lines(store: LinkStore, again: Any) -> list[ft.Control]:
    listing = store.trash
    rows = store.rows(listing)
    lines: list[ft.Control] = [ft.Container(_Deleted(row, store), key=f"row-{row.key}") for row in rows]
    if listing.error is not None:
        lines.append(ft.Container(Failed(listing.error, again), key="failed"))
    elif not rows and not listing.complete:
        lines.append(ft.Container(Loading(3, height=9 * SPACE), key="loading"))
    elif not rows:
        empty = Empty(ft.Icons.DELETE_OUTLINE, "The trash is empty", "What you delete waits here.")
        lines.append(ft.Container(empty, key="empty"))
    elif listing.loading:
        lines.append(ft.Container(ft.ProgressBar(semantics_label="Loading more"), key="more"))
    return lines


def _Deleted(row: Row, store: LinkStore) -> ft.Control:
    now = datetime.now(UTC)
    link = row.link
    when = ago(link.deleted_at, now) if link.deleted_at else ""
    name = ft.Text(
        link.short_url.partition("://")[2] or row.name,
        theme_style=ft.TextThemeStyle.TITLE_SMALL,
        weight=ft.FontWeight.W_600,
    )
    target = ft.Text(
        link.original_url,
        color=ft.Colors.ON_SURFACE_VARIANT,
        max_lines=1,
        overflow=ft.TextOverflow.ELLIPSIS,
    )
    deleted = ft.Text(
        f"Deleted {when}", theme_style=ft.TextThemeStyle.BODY_SMALL, color=ft.Colors.ON_SURFACE_VARIANT
    )
    words = ft.Column(
        [
            ft.Row([name, *Badges(row, now)], spacing=SPACE, run_spacing=SPACE // 2, wrap=True),
            target,
            deleted,
        ],
        spacing=SPACE // 4,
        tight=True,
        expand=True,
    )
    restore = ft.FilledTonalButton(
        ft.Text("Restore", semantics_label=f"Restore {link.id}"),
        icon=ft.Icons.RESTORE_FROM_TRASH,
        on_click=lambda: _ignore(store.restore(link.id)),
        disabled=row.pending,
    )
    return Card(ft.Row([words, restore], spacing=2 * SPACE, vertical_alignment=ft.CrossAxisAlignment.CENTER))


def _ignore(_: object) -> None:
    return None
