"""Where somebody wanted to go, kept by this browser while another site signs them in."""

from __future__ import annotations

import flet as ft

_KEY = "hopcount.onward"


async def keep(path: str) -> None:
    """Keep it until they are back."""
    await ft.SharedPreferences().set(_KEY, path)


async def end() -> str:
    """Return it and forget it; empty where nothing is kept."""
    kept = await ft.SharedPreferences().get(_KEY)
    await ft.SharedPreferences().remove(_KEY)
    return kept if isinstance(kept, str) else ""
