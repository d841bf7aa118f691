"""Colours, type and measures: one theme, light and dark, whose values `site/app/assets/site.css` shares."""

import flet as ft

SPACE = 8
"""The unit of all distances, in logical pixels; use whole multiples of it."""

COMPACT = 600
"""Narrower than this is a phone: one column, navigation at the bottom."""
WIDE = 1000
"""From here on there is room for two columns and a rail with words."""
CONTENT = 1120
"""How wide content grows at most."""

RADIUS = 12

# Series of a chart, apart by lightness as well as by hue. People first, machines second.
PEOPLE = ft.Colors.PRIMARY
MACHINES = ft.Colors.TERTIARY

_LIGHT = ft.ColorScheme(
    primary="#0B6B53",
    on_primary="#FFFFFF",
    primary_container="#BFE9DA",
    on_primary_container="#00201A",
    secondary="#4A635A",
    on_secondary="#FFFFFF",
    secondary_container="#DCE9E2",
    on_secondary_container="#0B1F18",
    tertiary="#9A5B13",
    on_tertiary="#FFFFFF",
    tertiary_container="#FFE3C4",
    on_tertiary_container="#2E1800",
    error="#B3261E",
    on_error="#FFFFFF",
    error_container="#F9DEDC",
    on_error_container="#410E0B",
    surface="#FBFAF7",
    on_surface="#1D2422",
    on_surface_variant="#55605C",
    surface_container_lowest="#FFFFFF",
    surface_container_low="#F6F5F0",
    surface_container="#F0EFE8",
    surface_container_high="#EAE9E1",
    surface_container_highest="#E3E2DA",
    outline="#717A76",
    outline_variant="#D9D8D0",
    inverse_surface="#2B3230",
    on_inverse_surface="#EEF2EF",
    inverse_primary="#6FD3B1",
    surface_tint="#0B6B53",
)

_DARK = ft.ColorScheme(
    primary="#6FD3B1",
    on_primary="#00382A",
    primary_container="#0B5140",
    on_primary_container="#BFE9DA",
    secondary="#B4CCC1",
    on_secondary="#20352D",
    secondary_container="#2C3F38",
    on_secondary_container="#D0E8DD",
    tertiary="#F0BA78",
    on_tertiary="#4A2800",
    tertiary_container="#6B3D05",
    on_tertiary_container="#FFE3C4",
    error="#F2B8B5",
    on_error="#601410",
    error_container="#8C1D18",
    on_error_container="#F9DEDC",
    surface="#151A19",
    on_surface="#E8ECE9",
    on_surface_variant="#A3AFAA",
    surface_container_lowest="#0F1413",
    surface_container_low="#191F1E",
    surface_container="#1E2523",
    surface_container_high="#262E2C",
    surface_container_highest="#303936",
    outline="#84908B",
    outline_variant="#313A37",
    inverse_surface="#E8ECE9",
    on_inverse_surface="#1D2422",
    inverse_primary="#0B6B53",
    surface_tint="#6FD3B1",
)


def _theme(scheme: ft.ColorScheme) -> ft.Theme:
    return ft.Theme(
        color_scheme=scheme,
        use_material3=True,
        font_family="Roboto",
        visual_density=ft.VisualDensity.STANDARD,
        scaffold_bgcolor=str(scheme.surface),
        date_picker_theme=ft.DatePickerTheme(
            bgcolor=str(scheme.surface_container_lowest), shape=ft.RoundedRectangleBorder(radius=RADIUS)
        ),
    )


def light() -> ft.Theme:
    """Return the theme for light surroundings."""
    return _theme(_LIGHT)


def dark() -> ft.Theme:
    """Return the theme for dark surroundings."""
    return _theme(_DARK)
