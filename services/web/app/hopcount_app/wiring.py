"""Makes the services once, when the app starts: the only place that knows which implementation is used."""

from __future__ import annotations

import flet as ft

from hopcount_app.api_service.debug import DebugApiService
from hopcount_app.api_service.faults import Faults
from hopcount_app.api_service.service import ApiService
from hopcount_app.auth.debug import DebugAuth
from hopcount_app.auth.service import Account, AuthService
from hopcount_app.services import Services
from hopcount_app.store.links import LinkStore
from hopcount_app.store.toasts import Toasts
from hopcount_app.usage import Usage


def make_services(_page: ft.Page, *, debug: bool) -> Services:
    """Return the services for this page: with a backend, or in debug mode with none."""
    faults = Faults()
    return _services(DebugApiService(faults), DebugAuth(faults), faults, debug=debug)


def _services(api: ApiService, auth: AuthService, faults: Faults, *, debug: bool) -> Services:
    toasts = Toasts()
    services = Services(api, auth, LinkStore(api, toasts), toasts, Usage(), debug=debug, faults=faults)

    def changed(account: Account | None) -> None:
        services.session.account = account

    auth.listeners.append(changed)
    return services
