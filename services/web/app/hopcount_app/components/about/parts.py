"""What Hopcount is made of, and where to read more."""

from __future__ import annotations

import flet as ft

from hopcount_app.components.facts import Facts
from hopcount_app.components.section import Section
from hopcount_app.theme import SPACE

LICENCES = {
    "Hopcount": "MIT",
    "Flet": "Apache-2.0",
    "Flutter": "BSD-3-Clause",
    "Pyodide": "MPL-2.0",
    "Python": "PSF-2.0",
    "MessagePack": "Apache-2.0",
    "Segno": "BSD-3-Clause",
    "repath, six": "MIT",
}


def ReadMoreSection() -> ft.Control:
    """Return the pages about it."""
    pages = ft.Row(
        [
            _page("About Hopcount", "/", ft.Icons.HOME_OUTLINED),
            _page("API documentation", "/docs", ft.Icons.API),
        ],
        spacing=SPACE,
        run_spacing=SPACE,
        wrap=True,
    )
    return Section("Read more", "What it does, and how programs use it.", [pages])


def _page(label: str, path: str, icon: ft.IconData) -> ft.Control:
    return ft.OutlinedButton(label, icon=icon, url=ft.Url(path, target=ft.UrlTarget.SELF))


def LicencesSection() -> ft.Control:
    """Return whose work is in it."""
    return Section(
        "Licences", "This app is free software, and so is all that it is made of.", [Facts(LICENCES)]
    )
