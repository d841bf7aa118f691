"""Light, dark or as the system is: chosen once, remembered by this browser."""

from __future__ import annotations

import flet as ft

CHOICES = {
    ft.ThemeMode.SYSTEM: ("System", ft.Icons.BRIGHTNESS_AUTO_OUTLINED),
    ft.ThemeMode.LIGHT: ("Light", ft.Icons.LIGHT_MODE_OUTLINED),
    ft.ThemeMode.DARK: ("Dark", ft.Icons.DARK_MODE_OUTLINED),
}

_KEY = "hopcount.appearance"


async def restore(page: ft.Page) -> None:
    """Show the page as it was last chosen."""
    kept = await ft.SharedPreferences().get(_KEY)
    if kept in {mode.value for mode in CHOICES}:
        page.theme_mode = ft.ThemeMode(kept)
        page.update()


async def choose(page: ft.Page, mode: ft.ThemeMode) -> None:
    """Show the page so from now on."""
    page.theme_mode = mode
    page.update()
    await ft.SharedPreferences().set(_KEY, mode.value)
