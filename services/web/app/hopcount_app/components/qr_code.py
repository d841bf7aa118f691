"""A QR code, drawn in the browser: nobody else learns what is in it."""

from __future__ import annotations

import io

import flet as ft
import segno

from hopcount_app.theme import RADIUS, SPACE


def qr_svg(text: str) -> str:
    """Return the code of a text as an SVG, dark on white with the margin that scanners want."""
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", border=4, dark="#1d2422", light="#ffffff", omitsize=True
    )
    return out.getvalue().decode()


def QrCode(text: str, label: str, size: float = 25 * SPACE) -> ft.Control:
    """Draw it, `size` logical pixels wide; it stays dark on white in the dark, where scanners need it."""
    image = ft.Image(src=qr_svg(text), width=size, height=size, semantics_label=label)
    return ft.Container(image, bgcolor=ft.Colors.WHITE, border_radius=RADIUS, width=size, height=size)
