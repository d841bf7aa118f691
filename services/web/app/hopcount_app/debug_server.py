"""The app alone, for whoever works on it: Python runs here, the browser only draws."""

from __future__ import annotations

import flet as ft

from hopcount_app.app import main

asgi = ft.run(main, export_asgi_app=True, no_cdn=True)
