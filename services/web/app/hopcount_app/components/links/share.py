"""A link to hand on: its address, its QR code, and ways to send both."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from hopcount_app import downloads
from hopcount_app.api_service.models import Link
from hopcount_app.components.confirm_dialog import dialog
from hopcount_app.components.qr_code import QrCode, qr_png, qr_svg
from hopcount_app.services import use_services
from hopcount_app.store.toasts import Tone
from hopcount_app.theme import SPACE


def ShareDialog(link: Link, on_close: Callable[[], None]) -> ft.AlertDialog:
    """Return a dialog with all of it."""
    return dialog("Share", SharePanel(link, on_close), on_close)


@ft.component
def SharePanel(link: Link, on_close: Callable[[], None] | None = None) -> ft.Control:
    """Draw the address, the QR code, and the buttons."""
    toasts = use_services().toasts

    def copied() -> None:
        toasts.show("Copied to the clipboard.", Tone.SUCCESS)

    async def save_svg() -> None:
        await downloads.save(f"{link.id}.svg", qr_svg(link.short_url))

    async def save_png() -> None:
        await downloads.save(f"{link.id}.png", qr_png(link.short_url))

    buttons: list[ft.Control] = [
        ft.FilledButton(
            "Copy", icon=ft.Icons.CONTENT_COPY, on_click=copied, action=ft.CopyToClipboard(link.short_url)
        ),
        ft.FilledTonalButton("Share", icon=ft.Icons.SHARE, action=ft.ShareText(link.short_url)),
        ft.FilledTonalButton("Save as SVG", icon=ft.Icons.DOWNLOAD, on_click=save_svg),
        ft.FilledTonalButton("Save as PNG", icon=ft.Icons.DOWNLOAD, on_click=save_png),
    ]
    if on_close is not None:
        buttons.append(ft.TextButton("Close", on_click=on_close))
    return ft.Column(
        [
            ft.Text(
                link.short_url, theme_style=ft.TextThemeStyle.TITLE_MEDIUM, text_align=ft.TextAlign.CENTER
            ),
            QrCode(link.short_url, f"QR code of {link.short_url}"),
            ft.Row(
                buttons,
                spacing=SPACE,
                run_spacing=SPACE,
                wrap=True,
                alignment=ft.MainAxisAlignment.CENTER,
            ),
        ],
        spacing=2 * SPACE,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
