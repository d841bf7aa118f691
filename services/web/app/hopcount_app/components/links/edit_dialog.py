"""Changing a link, over whatever view it is in."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from hopcount_app.api_service.errors import NotFoundError, ServiceError
from hopcount_app.components.confirm_dialog import dialog
from hopcount_app.components.links.link_form import LinkForm
from hopcount_app.link_input import Options, changes_of
from hopcount_app.services import use_services
from hopcount_app.store.listing import Row


def EditDialog(row: Row, on_close: Callable[[], None]) -> ft.AlertDialog:
    """Return the dialog; the list behind it shows the change before it is confirmed."""
    return dialog(f"Edit {row.name}", EditForm(row, on_close), on_close)


@ft.component
def EditForm(row: Row, on_close: Callable[[], None]) -> ft.Control:
    """Draw the form; the version that it shows is the one that it changes."""
    store = use_services().links
    link, set_link = ft.use_state(row.link)

    async def load() -> None:
        if row.link.etag is None:
            try:
                set_link(await store.load(row.link.id))
            except NotFoundError:
                on_close()
            except ServiceError:
                return  # without the version, the last change wins, field by field

    async def send(values: dict[str, str], options: Options) -> None:
        changes = changes_of(row.link, values, options)
        if changes:
            await store.edit(row.link.id, changes, link.etag, watched=True).outcome()
        on_close()

    ft.use_effect(load, dependencies=[], cleanup=lambda: None)
    return LinkForm("Save", send, link=row.link, on_cancel=on_close)
