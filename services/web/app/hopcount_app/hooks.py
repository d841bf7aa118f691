"""Small hooks that many components need."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import flet as ft

T = TypeVar("T")


def use_flag() -> tuple[bool, Callable[[], None], Callable[[], None]]:
    """Return something that is off to begin with, a function that turns it on, and one that turns it off."""
    on, set_on = ft.use_state(False)  # noqa: FBT003  Flet has it so
    return on, lambda: set_on(True), lambda: set_on(False)


def use_optional(_kind: type[T]) -> tuple[T | None, Callable[[T | None], None]]:
    """Return something that is not there to begin with, and a function that sets it."""
    value, set_value = ft.use_state(cast("T | None", None))
    return value, set_value
