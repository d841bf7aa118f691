"""A QR code is drawn here, and holds what it was given."""

import re
import struct

import segno

from hopcount_app.components.qr_code import qr_png, qr_svg

URI = "otpauth://totp/Hopcount%3Ame%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Hopcount"


def test_a_code_is_an_svg_with_the_margin_that_scanners_want() -> None:
    (view_box,) = re.findall(r"viewBox=\"([^\"]+)\"", qr_svg(URI).decode())
    width, height = segno.make(URI, error="m").symbol_size(border=4)
    assert view_box == f"0 0 {width} {height}"


def test_a_code_is_a_png_that_holds_the_same() -> None:
    width, height = (24 * modules for modules in segno.make(URI, error="m").symbol_size(border=4))
    assert qr_png(URI)[:24] == b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


def test_a_code_asks_nobody_for_anything() -> None:
    assert re.findall(r"https?://[^\"]+", qr_svg(URI).decode()) == ["http://www.w3.org/2000/svg"]
