"""A link as a line of a list, or as a card on a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.ages import ago
from hopcount_app.clicks import words
from hopcount_app.components.buttons import IconAction
from hopcount_app.components.card import Card
from hopcount_app.components.links.badges import Badges
from hopcount_app.services import use_services
from hopcount_app.store.listing import Row, total_clicks
from hopcount_app.store.toasts import Tone
from hopcount_app.theme import SPACE


@dataclass(frozen=True)
class RowActions:
    """What the list does for its rows."""

    on_share: Callable[[Row], None]
    on_edit: Callable[[Row], None]


@ft.component
def LinkRow(row: Row, actions: RowActions, *, compact: bool) -> ft.Control:
    """Draw where it leads, how often it was followed, and what can be done with it."""
    services = use_services()
    now = datetime.now(UTC)

    def copied() -> None:
        services.toasts.show("Copied to the clipboard.", Tone.SUCCESS)

    buttons: list[ft.Control] = (
        [] if row.new else _buttons(row, actions, copied, lambda: services.links.delete(row.link.id))
    )
    words_of = _words(row, now)
    if compact:
        figures = ft.Text(
            f"{_clicks(row)}\n{ago(row.link.created_at, now)}",
            theme_style=ft.TextThemeStyle.BODY_SMALL,
            color=ft.Colors.ON_SURFACE_VARIANT,
        )
        foot = ft.Row([ft.Container(figures, expand=True), *buttons], spacing=0)
        body: ft.Control = ft.Column([words_of, foot], spacing=0, tight=True)
    else:
        body = ft.Row(
            [ft.Container(words_of, expand=True), _Count(row, now), ft.Row(buttons, spacing=0)],
            spacing=2 * SPACE,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        )
    padding = ft.Padding.only(left=2 * SPACE, right=SPACE, top=SPACE * 3 // 2, bottom=SPACE * 3 // 2)
    return Card(body, padding=padding)


def _words(row: Row, now: datetime) -> ft.Control:
    address = row.link.short_url.partition("://")[2] or row.name
    name = ft.Text(
        address,
        theme_style=ft.TextThemeStyle.TITLE_SMALL,
        weight=ft.FontWeight.W_600,
        color=ft.Colors.ON_SURFACE_VARIANT if row.new else ft.Colors.PRIMARY,
        max_lines=1,
        overflow=ft.TextOverflow.ELLIPSIS,
    )
    head: ft.Control = name
    if not row.new:
        head = ft.TextButton(
            name,
            tooltip="Its clicks",
            style=ft.ButtonStyle(padding=0, shape=ft.RoundedRectangleBorder(radius=SPACE // 2)),
            height=3 * SPACE,
            on_click=lambda: to.go(to.link_address(row.link.id)),
        )
    target = ft.Text(
        row.link.original_url,
        theme_style=ft.TextThemeStyle.BODY_MEDIUM,
        color=ft.Colors.ON_SURFACE_VARIANT,
        max_lines=1,
        overflow=ft.TextOverflow.ELLIPSIS,
        tooltip=row.link.original_url,
    )
    line = ft.Row([head, *Badges(row, now)], spacing=SPACE, run_spacing=SPACE // 2, wrap=True)
    return ft.Column([line, target], spacing=SPACE // 4, tight=True)


def _clicks(row: Row) -> str:
    count = total_clicks(row.link)
    return f"{words.number(count)} click{'' if count == 1 else 's'}"


def _Count(row: Row, now: datetime) -> ft.Control:
    count = total_clicks(row.link)
    return ft.Column(
        [
            ft.Text(
                words.number(count),
                theme_style=ft.TextThemeStyle.TITLE_MEDIUM,
                semantics_label=_clicks(row),
            ),
            ft.Text(
                ago(row.link.created_at, now),
                theme_style=ft.TextThemeStyle.BODY_SMALL,
                color=ft.Colors.ON_SURFACE_VARIANT,
            ),
        ],
        spacing=0,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )


def _buttons(
    row: Row, actions: RowActions, copied: Callable[[], None], delete: Callable[[], object]
) -> list[ft.Control]:
    link = row.link
    return [
        IconAction(
            ft.Icons.CONTENT_COPY, f"Copy {link.id}", copied, action=ft.CopyToClipboard(link.short_url)
        ),
        IconAction(
            ft.Icons.OPEN_IN_NEW,
            f"Open {link.id}",
            action=ft.OpenUrl(link.short_url, ft.UrlTarget.BLANK),
        ),
        IconAction(ft.Icons.QR_CODE_2, f"QR code of {link.id}", lambda: actions.on_share(row)),
        IconAction(ft.Icons.EDIT_OUTLINED, f"Edit {link.id}", lambda: actions.on_edit(row)),
        IconAction(ft.Icons.DELETE_OUTLINE, f"Delete {link.id}", delete),
    ]
