"""What is special about a link, in a word each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import flet as ft

from hopcount_app.ages import left
from hopcount_app.store.listing import Row
from hopcount_app.theme import SPACE


@dataclass(frozen=True, slots=True)
class Badge:
    """A word, and whether it is a warning (`bad`) or worth a look (`notable`)."""

    text: str
    bad: bool = False
    notable: bool = False


def badges(row: Row, now: datetime) -> list[Badge]:
    """Tell what is special about a link."""
    link, found = row.link, []
    if row.pending:
        found.append(Badge("being made" if row.new else "saving", notable=True))
    if link.disabled_at is not None:
        found.append(Badge("disabled", bad=True))
    if link.expires_at is not None and link.expires_at <= now:
        found.append(Badge("expired", bad=True))
    elif link.expires_at is not None:
        found.append(Badge(f"ends {left(link.expires_at, now)}"))
    return found


def Badges(row: Row, now: datetime) -> list[ft.Control]:
    """Return them as small labels."""
    return [_label(badge) for badge in badges(row, now)]


def _label(badge: Badge) -> ft.Control:
    background, colour = ft.Colors.SURFACE_CONTAINER_HIGH, ft.Colors.ON_SURFACE_VARIANT
    if badge.bad:
        background, colour = ft.Colors.ERROR_CONTAINER, ft.Colors.ON_ERROR_CONTAINER
    elif badge.notable:
        background, colour = ft.Colors.TERTIARY_CONTAINER, ft.Colors.ON_TERTIARY_CONTAINER
    return ft.Container(
        ft.Text(badge.text, theme_style=ft.TextThemeStyle.LABEL_SMALL, color=colour),
        bgcolor=background,
        border_radius=SPACE // 2,
        padding=ft.Padding.symmetric(horizontal=SPACE * 3 // 4, vertical=SPACE // 4),
    )
