"""Where the browser's Python starts."""

import flet as ft

from hopcount_app.app import main

ft.run(main)
