"""All links as a file."""

from __future__ import annotations

from datetime import UTC, datetime

import flet as ft

from hopcount_app import downloads
from hopcount_app.api_service.errors import ServiceError
from hopcount_app.components.section import Section
from hopcount_app.hooks import use_optional
from hopcount_app.services import use_services
from hopcount_app.store.toasts import Tone
from hopcount_app.theme import SPACE


@ft.component
def DataSection() -> ft.Control:
    """Draw a button that saves them, and how many there are so far."""
    services = use_services()
    count, set_count = use_optional(int)

    async def export() -> None:
        set_count(0)
        try:
            lines: list[str] = []
            async for line in services.api.export():
                lines.append(line)
                if len(lines) % 50 == 0:
                    set_count(len(lines))
            await _hand_over(lines)
        except ServiceError as error:
            services.toasts.show(error.message, Tone.ERROR, "Retry", export)
        finally:
            set_count(None)

    async def _hand_over(lines: list[str]) -> None:
        if not lines:
            services.toasts.show("You have no links to export yet")
            return
        await downloads.save(f"hopcount-links-{datetime.now(UTC):%Y-%m-%d}.jsonl", "".join(lines).encode())
        services.toasts.show(f"{len(lines):,} links exported", Tone.SUCCESS)

    button = ft.OutlinedButton(
        "Export all links", icon=ft.Icons.DOWNLOAD, disabled=count is not None, on_click=export
    )
    parts: list[ft.Control] = [button]
    if count is not None:
        parts += [ft.ProgressRing(width=16, height=16, stroke_width=2), ft.Text(f"{count:,} links so far")]
    row = ft.Row(parts, spacing=1.5 * SPACE)
    return Section("Your data", "One link a line, as JSON. hopcount import reads it again.", [row])
