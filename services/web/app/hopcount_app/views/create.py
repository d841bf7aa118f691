"""A new link."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.api_service.errors import ConflictError, InvalidError, ServiceError
from hopcount_app.components.card import Card
from hopcount_app.components.links.link_form import LinkForm
from hopcount_app.components.links.link_row import LinkRow, RowActions
from hopcount_app.components.links.share import SharePanel
from hopcount_app.components.page_body import PageBody
from hopcount_app.components.page_header import PageHeader
from hopcount_app.hooks import use_optional
from hopcount_app.link_input import Options, draft_of
from hopcount_app.listening import use_changes
from hopcount_app.services import use_services
from hopcount_app.store.listing import Row
from hopcount_app.store.operations import Create as Creation
from hopcount_app.store.operations import why
from hopcount_app.theme import SPACE
from hopcount_app.window import is_compact, use_width

_WIDTH = 640


@ft.component
def Create() -> ft.Control:
    """Draw the form; once sent, the link above it, first as it will be and then as it is."""
    services = use_services()
    store = services.links
    use_changes(store.listeners)
    compact = is_compact(use_width())
    creation, set_creation = use_optional(Creation)
    turn, set_turn = ft.use_state(0)

    async def send(values: dict[str, str], options: Options) -> None:
        made = store.create(draft_of(values, options), watched=True)
        set_creation(made)
        try:
            await made.outcome()
        except ConflictError as error:
            raise InvalidError(why(error), {"alias": why(error)} if made.draft.alias else {}) from None
        except InvalidError:
            raise
        except ServiceError:
            return  # a message says it, with the way to try again

    def leave() -> None:
        if creation is not None:
            creation.watched = False  # from now on a message says what is wrong

    def another() -> None:
        set_creation(None)
        set_turn(lambda count: count + 1)

    ft.use_effect(lambda: None, dependencies=[], cleanup=leave)
    row = store.row(creation.subject) if creation else None
    parts: list[ft.Container] = [
        ft.Container(PageHeader("New link", "A long address in, a short one out."), key="header")
    ]
    if row is not None and row.new:
        actions = RowActions(lambda _: None, lambda _: None)
        parts.append(ft.Container(LinkRow(row, actions, compact=compact), key="pending"))
    if row is None or row.new:
        parts.append(ft.Container(Card(LinkForm("Shorten", send), padding=3 * SPACE), key=f"form-{turn}"))
    else:
        parts.append(ft.Container(_Made(row, another), key="made"))
    return PageBody([_narrow(part, compact=compact) for part in parts])


def _narrow(part: ft.Container, *, compact: bool) -> ft.Control:
    """Keep a form from growing wider than is good to read."""
    part.width, part.expand = (None, True) if compact else (_WIDTH, None)
    return ft.Row([part], key=part.key)


def _Made(row: Row, another: Callable[[], None]) -> ft.Control:
    return Card(
        ft.Column(
            [
                ft.Semantics(
                    content=ft.Text("Your link is ready", theme_style=ft.TextThemeStyle.TITLE_LARGE),
                    live_region=True,
                    header=True,
                ),
                SharePanel(row.link),
                ft.Row(
                    [
                        ft.TextButton("Create another", icon=ft.Icons.ADD, on_click=another, autofocus=True),
                        ft.TextButton("All links", on_click=lambda: to.go(to.LINKS)),
                    ],
                    alignment=ft.MainAxisAlignment.CENTER,
                    wrap=True,
                ),
            ],
            spacing=2 * SPACE,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        padding=3 * SPACE,
    )
