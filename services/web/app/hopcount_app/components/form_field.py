"""A field of a form: its label, what is wrong with it, and what helps to fill it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from hopcount_app.components.buttons import IconAction
from hopcount_app.form_state import Check
from hopcount_app.theme import SPACE


@dataclass(frozen=True)
class Field:
    """A field of a form.

    Parameters
    ----------
    name
        What the backend calls it.
    label
        What people call it.
    check
        Returns what is wrong with a value.
    helper
        A sentence below the field.
    autofill
        What a password manager may put there.
    secret
        Whether it is a password, which can be shown.
    digits
        How many digits it takes; 0 for any text.
    note
        Draws what depends on the value, below the field.
    choice
        Draws a button at the end of the field: gets the value, and what takes another one.
    """

    name: str
    label: str
    check: Check
    helper: str | None = None
    autofill: ft.AutofillHint | None = None
    secret: bool = False
    digits: int = 0
    note: Callable[[str], ft.Control] | None = None
    choice: Callable[[str, Callable[[str], None]], ft.Control] | None = None


@dataclass(frozen=True)
class Handlers:
    """What a field reports: each change, a choice, that it was left, Enter, and the eye of a password."""

    typed: Callable[[str, str], None]
    chosen: Callable[[str, str], None]
    left: Callable[[str], None]
    enter: Callable[..., Any]
    toggled: Callable[[str], None]


def FieldBox(field: Field, value: str, error: str | None, shown: bool, on: Handlers) -> ft.TextField:  # noqa: FBT001
    """Draw a field; `shown` is whether its password can be read."""
    return ft.TextField(
        key=field.name,
        label=field.label,
        value=value,
        helper=field.helper,
        helper_max_lines=2,
        error=error,
        error_max_lines=3,
        border=ft.OutlineInputBorder(border_radius=SPACE),
        password=field.secret and not shown,
        autocorrect=False,
        enable_suggestions=False,
        keyboard_type=_keyboard(field),
        input_filter=ft.InputFilter(regex_string="^[0-9]*$") if field.digits else None,
        max_length=field.digits or None,
        counter="" if field.digits else None,
        autofill_hints=field.autofill,
        suffix_icon=_button(field, value, shown=shown, on=on),
        scroll_padding=12 * SPACE,  # so that what is wrong and the button can be seen, too
        on_change=lambda event: on.typed(field.name, event.control.value),
        on_blur=lambda: on.left(field.name),
        on_submit=on.enter,
    )


def _keyboard(field: Field) -> ft.KeyboardType:
    if field.digits:
        return ft.KeyboardType.NUMBER
    return ft.KeyboardType.EMAIL if field.autofill is ft.AutofillHint.EMAIL else ft.KeyboardType.TEXT


def _button(field: Field, value: str, *, shown: bool, on: Handlers) -> ft.Control | None:
    if field.choice:
        return field.choice(value, lambda chosen: on.chosen(field.name, chosen))
    return _eye(field, shown=shown, on=on) if field.secret else None


def _eye(field: Field, *, shown: bool, on: Handlers) -> ft.Control:
    icon = ft.Icons.VISIBILITY_OFF_OUTLINED if shown else ft.Icons.VISIBILITY_OUTLINED
    says = f"{'Hide' if shown else 'Show'} {field.label.lower()}"
    return IconAction(icon, says, lambda: on.toggled(field.name))
