"""What this is, where it runs, and whether it is well."""

from __future__ import annotations

import flet as ft

from hopcount_app.components.page_body import PageBody
from hopcount_app.components.page_header import PageHeader


@ft.component
def About() -> ft.Control:
    """Draw it."""
    return PageBody([PageHeader("About", "What this is, where it runs, and whether it is well")])
