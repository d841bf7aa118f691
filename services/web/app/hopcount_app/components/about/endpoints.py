"""The places where the API can be asked: how far each is, and which one is used."""

from __future__ import annotations

import flet as ft

from hopcount_app.api_service.models import Endpoint
from hopcount_app.components.section import Section
from hopcount_app.hooks import use_flag
from hopcount_app.listening import use_changes
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE


@ft.component
def EndpointsSection() -> ft.Control:
    """Draw them, and a button that measures them anew."""
    regions = use_services().regions
    use_changes(regions.listeners)
    busy, begin, end = use_flag()

    async def measure() -> None:
        begin()
        await regions.measure()
        end()

    async def measure_at_first() -> None:
        if not regions.latencies:
            await measure()

    ft.use_effect(measure_at_first, dependencies=[], cleanup=lambda: None)
    rows: list[ft.Control] = []
    for endpoint in regions.endpoints:
        known = endpoint.region in regions.latencies
        latency = f"{regions.latencies[endpoint.region] or 0:.0f} ms" if known else "not measured"
        if known and regions.latencies[endpoint.region] is None:
            latency = "no answer"
        rows += [ft.Divider(height=1), _row(endpoint, latency, used=endpoint == regions.current)]
    button = ft.OutlinedButton("Measure again", icon=ft.Icons.SPEED, disabled=busy, on_click=measure)
    return Section(
        "Endpoints",
        "The nearest is asked; when it fails, the next one.",
        [ft.Column(rows, spacing=1.5 * SPACE, tight=True), ft.Row([button])],
    )


def _row(endpoint: Endpoint, latency: str, *, used: bool) -> ft.Control:
    words = ft.Column(
        [
            ft.Text(endpoint.region, weight=ft.FontWeight.W_500),
            ft.Text(
                endpoint.url,
                theme_style=ft.TextThemeStyle.BODY_SMALL,
                color=ft.Colors.ON_SURFACE_VARIANT,
                max_lines=1,
                overflow=ft.TextOverflow.ELLIPSIS,
            ),
        ],
        spacing=SPACE // 4,
        tight=True,
        expand=True,
    )
    chip = ft.Container(
        ft.Text("in use", theme_style=ft.TextThemeStyle.LABEL_SMALL, color=ft.Colors.ON_PRIMARY_CONTAINER),
        bgcolor=ft.Colors.PRIMARY_CONTAINER,
        border_radius=SPACE // 2,
        padding=ft.Padding.symmetric(horizontal=SPACE, vertical=SPACE // 4),
    )
    parts: list[ft.Control] = [words, *([chip] if used else []), ft.Text(latency)]
    return ft.Semantics(container=True, content=ft.Row(parts, spacing=1.5 * SPACE))
