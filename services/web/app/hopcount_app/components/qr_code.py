"""A QR code, drawn in the browser: nobody else learns what is in it."""

from __future__ import annotations

import io

import flet as ft
import segno

from hopcount_app.theme import RADIUS, SPACE

_LOOK = {"border": 4, "dark": "#1d2422", "light": "#ffffff"}
"""Dark on white, with the margin that scanners want."""
_PRINTED = 24
"""Pixels of a PNG to a module: 888 for the code of a short link, 7 cm where 300 are printed to an inch."""


def qr_svg(text: str) -> bytes:
    """Return the code of a text as an SVG, UTF-8."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", omitsize=True, **_LOOK)
    return out.getvalue()


def qr_png(text: str) -> bytes:
    """Return the code of a text as a PNG, large enough to be printed."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="png", scale=_PRINTED, **_LOOK)
    return out.getvalue()


def QrCode(text: str, label: str, size: float = 25 * SPACE) -> ft.Control:
    """Draw it, `size` logical pixels wide; it stays dark on white in the dark, where scanners need it."""
    image = ft.Image(src=qr_svg(text).decode(), width=size, height=size, semantics_label=label)
    return ft.Container(image, bgcolor=ft.Colors.WHITE, border_radius=RADIUS, width=size, height=size)
