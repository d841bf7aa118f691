"""The head of a link's own view: what it is called, where it leads, and what can be done with it."""

from __future__ import annotations

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.components.buttons import IconAction
from hopcount_app.components.links.edit_dialog import EditDialog
from hopcount_app.components.links.share import ShareDialog
from hopcount_app.components.page_header import PageHeader
from hopcount_app.hooks import use_flag
from hopcount_app.services import use_services
from hopcount_app.store.listing import Row
from hopcount_app.store.toasts import Tone


@ft.component
def LinkHeader(row: Row) -> ft.Control:
    """Draw it; a deletion leads back to the list, where it can be undone."""
    services = use_services()
    sharing, share, end_sharing = use_flag()
    editing, edit, end_editing = use_flag()
    link = row.link

    def copied() -> None:
        services.toasts.show("Copied to the clipboard.", Tone.SUCCESS)

    def delete() -> None:
        services.links.delete(link.id)
        to.go(to.LINKS)

    ft.use_dialog(ShareDialog(link, end_sharing) if sharing else None)
    ft.use_dialog(EditDialog(row, end_editing) if editing else None)
    actions: list[ft.Control] = [
        ft.FilledTonalButton(
            "Copy", icon=ft.Icons.CONTENT_COPY, on_click=copied, action=ft.CopyToClipboard(link.short_url)
        ),
        IconAction(ft.Icons.OPEN_IN_NEW, "Open", action=ft.OpenUrl(link.short_url, ft.UrlTarget.BLANK)),
        IconAction(ft.Icons.QR_CODE_2, "QR code", share),
        IconAction(ft.Icons.EDIT_OUTLINED, "Edit", edit),
        IconAction(ft.Icons.DELETE_OUTLINE, "Delete", delete),
    ]
    return PageHeader(link.short_url.partition("://")[2], link.original_url, actions)
