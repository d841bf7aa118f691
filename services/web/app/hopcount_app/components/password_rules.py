"""What a password must have, ticked while it is typed."""

from __future__ import annotations

import flet as ft

from hopcount_app import validation
from hopcount_app.theme import SPACE


def PasswordRules(password: str) -> ft.Control:
    """Draw a line for each rule."""
    missing = validation.password_needs(password)
    rules = validation.password_needs("")
    return ft.Column([_rule(rule, met=rule not in missing) for rule in rules], spacing=SPACE // 2, tight=True)


def _rule(text: str, *, met: bool) -> ft.Control:
    color = ft.Colors.PRIMARY if met else ft.Colors.ON_SURFACE_VARIANT
    icon = ft.Icons.CHECK_CIRCLE if met else ft.Icons.RADIO_BUTTON_UNCHECKED
    return ft.Semantics(
        container=True,
        content=ft.Row(
            [
                ft.Icon(icon, size=16, color=color, semantics_label="Done:" if met else "Needed:"),
                ft.Text(text.capitalize(), theme_style=ft.TextThemeStyle.BODY_SMALL, color=color),
            ],
            spacing=SPACE,
            tight=True,
        ),
    )
