"""The links: totals, search, the list."""

from __future__ import annotations

import asyncio
from typing import Any

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.components.links.edit_dialog import EditDialog
from hopcount_app.components.links.link_row import LinkRow, RowActions
from hopcount_app.components.links.share import ShareDialog
from hopcount_app.components.links.totals import Totals
from hopcount_app.components.page_header import PageHeader
from hopcount_app.components.states import Empty, Failed, Loading
from hopcount_app.hooks import use_optional
from hopcount_app.listening import use_changes
from hopcount_app.services import use_services
from hopcount_app.store.links import LinkStore
from hopcount_app.store.listing import Row, Sort
from hopcount_app.theme import SPACE
from hopcount_app.window import is_compact, use_width

PAUSE = 0.25
"""Seconds without a key before a search is asked for."""
_AHEAD = 600
"""Pixels before the end of the list at which to read on."""
_SORTS = {
    Sort.NEWEST: "Newest",
    Sort.OLDEST: "Oldest",
    Sort.CLICKS: "Most clicks",
    Sort.NAME: "Name",
}


@ft.component
def Dashboard() -> ft.Control:
    """Draw it: one list that scrolls, whose first parts are the header, the totals and the search."""
    store = use_services().links
    use_changes(store.listeners)
    compact = is_compact(use_width())
    text, set_text = ft.use_state(store.live.query)
    shared, set_shared = use_optional(Row)
    edited, set_edited = use_optional(Row)
    listing = store.live

    async def read() -> None:
        if text.strip() != listing.query:
            store.search(text)
            await asyncio.sleep(PAUSE)
        await store.refresh(listing)
        if listing.sort is not Sort.NEWEST:
            await store.read_all(listing)

    async def scrolled(event: ft.OnScrollEvent) -> None:
        if event.extent_after < _AHEAD:
            await store.more(listing)

    ft.use_effect(read, dependencies=[text, listing.sort], cleanup=lambda: None)
    ft.use_dialog(ShareDialog(shared.link, lambda: set_shared(None)) if shared else None)
    ft.use_dialog(EditDialog(edited, lambda: set_edited(None)) if edited else None)
    actions = ft.use_memo(lambda: RowActions(set_shared, set_edited), [])
    new = ft.FilledButton("New link", icon=ft.Icons.ADD, on_click=lambda: to.go(to.NEW))
    head = [
        PageHeader("Links", actions=[] if compact else [new]),
        Totals(compact=compact),
        _Tools(text, set_text, store, compact=compact),
    ]
    return ft.ListView(
        [
            *(ft.Container(part, key=f"head-{n}") for n, part in enumerate(head)),
            *_lines(store, actions, compact),
        ],
        spacing=SPACE if compact else SPACE * 3 // 2,
        padding=ft.Padding.only(bottom=10 * SPACE),
        on_scroll=scrolled,
        scroll_interval=200,
        expand=True,
    )


def _lines(store: LinkStore, actions: RowActions, compact: bool) -> list[ft.Control]:  # noqa: FBT001
    listing = store.live
    rows = store.rows(listing)
    lines: list[ft.Control] = [
        ft.Container(LinkRow(row, actions, compact=compact), key=f"row-{row.key}") for row in rows
    ]
    again = _again(store)
    if listing.error is not None:
        lines.append(ft.Container(Failed(listing.error, again), key="failed"))
    elif listing.loading and (not rows or not listing.loaded):
        lines.append(ft.Container(Loading(4, height=9 * SPACE), key="loading"))
    elif not rows and listing.complete:
        lines.append(ft.Container(_nothing(listing.query), key="empty"))
    elif listing.loading:
        lines.append(ft.Container(ft.ProgressBar(semantics_label="Loading more"), key="more"))
    elif not listing.complete and listing.loaded:
        more = ft.TextButton("Load more", on_click=lambda: store.more(listing))
        lines.append(ft.Container(more, key="more", alignment=ft.Alignment.CENTER))
    return lines


def _again(store: LinkStore) -> Any:
    async def again() -> None:
        await store.refresh(store.live)

    return again


def _nothing(query: str) -> ft.Control:
    if query:
        text = f"No code and no address holds “{query}”."
        return Empty(ft.Icons.SEARCH_OFF, "Nothing found", text)
    make = ft.FilledButton("Make a link", icon=ft.Icons.ADD, on_click=lambda: to.go(to.NEW))
    text = "Paste a long address and get a short one, whose clicks you can count on."
    return Empty(ft.Icons.LINK, "No links yet", text, make)


def _Tools(text: str, set_text: Any, store: LinkStore, *, compact: bool) -> ft.Control:
    border = ft.OutlineInputBorder(border_radius=SPACE)
    search = ft.TextField(
        value=text,
        label="Search",
        hint_text="A code or a part of an address",
        prefix_icon=ft.Icons.SEARCH,
        border=border,
        dense=True,
        on_change=lambda event: set_text(event.control.value),
        expand=True,
    )
    sort = ft.Dropdown(
        value=store.live.sort.value,
        label="Order",
        options=[ft.DropdownOption(key=order.value, text=words) for order, words in _SORTS.items()],
        on_select=lambda event: store.sort(Sort(event.control.value)),
        border=border,
        dense=True,
        width=(19 if compact else 22) * SPACE,
    )
    return ft.Row([search, sort], spacing=SPACE if compact else 2 * SPACE)
