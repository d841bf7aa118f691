"""A short cut for the keyboard past the navigation."""

from __future__ import annotations

import flet as ft

from hopcount_app.theme import SPACE


@ft.component
def SkipLink(target: ft.MutableRef[ft.KeyboardListener | None]) -> ft.Control:
    """Draw a button that is seen only while it has the focus, and moves it to the target."""
    focused, set_focused = ft.use_state(False)  # noqa: FBT003

    async def skip() -> None:
        if target.current is not None:
            await target.current.focus()

    return ft.Container(
        ft.FilledButton(
            "Skip to content",
            on_click=skip,
            on_focus=lambda: set_focused(True),
            on_blur=lambda: set_focused(False),
        ),
        opacity=1 if focused else 0,
        left=SPACE,
        top=SPACE if focused else -6 * SPACE,
    )


def SkipTarget(target: ft.MutableRef[ft.KeyboardListener | None]) -> ft.Control:
    """Return the place that the focus moves to: it takes no room."""
    place = ft.KeyboardListener(ft.Container(height=0), include_semantics=False)
    target.current = place
    return place
