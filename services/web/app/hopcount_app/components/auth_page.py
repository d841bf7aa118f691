"""The calm page around everything before somebody is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flet as ft

from hopcount_app import navigation as to
from hopcount_app.components.brand import Brand
from hopcount_app.components.page_header import Heading
from hopcount_app.components.toast_host import ToastHost
from hopcount_app.theme import RADIUS, SPACE
from hopcount_app.window import is_compact, use_width

_WIDTH = 440


def _home() -> ft.Control:
    """Draw the brand, which leads to the landing page."""
    return ft.TextButton(
        Brand(),
        url=ft.Url("/", target=ft.UrlTarget.SELF),
        style=ft.ButtonStyle(padding=ft.Padding.only(right=SPACE, top=SPACE, bottom=SPACE)),
    )


@ft.component
def AuthPage(title: str, lead: str, content: list[ft.Control], below: list[ft.Control]) -> ft.Control:
    """Draw a page with one task.

    Parameters
    ----------
    title, lead
        What it is for, and a sentence about it.
    content
        In the card.
    below
        Where else to go, below the card.
    """
    compact = is_compact(use_width())
    heading = Heading(title, 1, ft.TextThemeStyle.HEADLINE_SMALL)
    card = ft.Container(
        ft.Column(
            [
                ft.Column(
                    [heading, ft.Text(lead, color=ft.Colors.ON_SURFACE_VARIANT)], spacing=SPACE, tight=True
                ),
                *content,
            ],
            spacing=3 * SPACE,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
        bgcolor=None if compact else ft.Colors.SURFACE_CONTAINER_LOWEST,
        border=None if compact else ft.Border.all(1, ft.Colors.OUTLINE_VARIANT),
        border_radius=RADIUS,
        padding=0 if compact else 4 * SPACE,
    )
    page = ft.Column(
        [ft.Row([_home()]), card, ft.Column(below, spacing=0, tight=True)],
        width=_WIDTH,
        spacing=2 * SPACE,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    around = ft.Padding.symmetric(horizontal=2 * SPACE, vertical=(2 if compact else 8) * SPACE)
    scrolled = ft.Column(
        [ft.Container(page, padding=around, alignment=ft.Alignment.TOP_CENTER)],
        expand=True,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    toasts = ft.Container(ToastHost(), left=2 * SPACE, right=2 * SPACE, bottom=2 * SPACE)
    return ft.Stack([scrolled, toasts], expand=True)


@dataclass(frozen=True)
class Choice:
    """Another way to go on: a question, and what answers it."""

    question: str
    answer: str
    path: str


def choices(*offered: Choice) -> list[ft.Control]:
    """Draw other ways to go on; where somebody wanted to go in the end is kept."""
    return [_choice(choice) for choice in offered]


def _choice(choice: Choice) -> ft.Control:
    def clicked(_event: Any) -> None:
        to.go(choice.path, next=to.onward(ft.context.page.route))

    return ft.Row(
        [
            ft.Text(choice.question, color=ft.Colors.ON_SURFACE_VARIANT),
            ft.TextButton(choice.answer, on_click=clicked),
        ],
        spacing=0,
        alignment=ft.MainAxisAlignment.CENTER,
    )
