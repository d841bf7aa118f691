"""Makes the services once, when the app starts: the only place that knows which implementation is used."""

from __future__ import annotations

from typing import Any

import flet as ft

from hopcount_app.auth.debug import DebugAuth
from hopcount_app.services import Services
from hopcount_app.store.links import LinkStore
from hopcount_app.store.toasts import Toasts
from hopcount_app.usage import Usage


def make_services(_page: ft.Page, *, debug: bool) -> Services:
    """Return the services for this page: with a backend, or in debug mode with none."""
    api: Any = None
    auth: Any = DebugAuth()
    toasts = Toasts()
    return Services(api, auth, LinkStore(api, toasts), toasts, Usage(), debug=debug)
