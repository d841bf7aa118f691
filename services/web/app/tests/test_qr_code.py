"""A QR code is drawn here, and holds what it was given."""

import re

import segno

from hopcount_app.components.qr_code import qr_svg

URI = "otpauth://totp/Hopcount%3Ame%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Hopcount"


def test_a_code_is_an_svg_with_the_margin_that_scanners_want() -> None:
    (view_box,) = re.findall(r"viewBox=\"([^\"]+)\"", qr_svg(URI))
    width, height = segno.make(URI, error="m").symbol_size(border=4)
    assert view_box == f"0 0 {width} {height}"


def test_a_code_asks_nobody_for_anything() -> None:
    assert re.findall(r"https?://[^\"]+", qr_svg(URI)) == ["http://www.w3.org/2000/svg"]
