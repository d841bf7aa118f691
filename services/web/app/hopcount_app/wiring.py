"""Makes the services once, when the app starts: the only place that knows which implementation is used."""

from __future__ import annotations

from urllib.parse import urlsplit

import flet as ft

from hopcount_app.api_service.caller import Caller
from hopcount_app.api_service.debug import DEPLOYMENT, DebugApiService, DebugTransport
from hopcount_app.api_service.discovery import Discovery, endpoints_for
from hopcount_app.api_service.errors import ServiceError
from hopcount_app.api_service.faults import Faults
from hopcount_app.api_service.http import Action, HttpApiService
from hopcount_app.api_service.models import Deployment, Endpoint
from hopcount_app.api_service.regions import Regions
from hopcount_app.auth.cognito import CognitoAuth
from hopcount_app.auth.cognito_api import CognitoApi
from hopcount_app.auth.debug import DebugAuth
from hopcount_app.auth.managed_login import ManagedLogin
from hopcount_app.auth.service import Account
from hopcount_app.auth.session import Session
from hopcount_app.browser import BrowserChannel, since_opened, wants_no_usage
from hopcount_app.services import Services
from hopcount_app.storage import MemoryStorage
from hopcount_app.store.links import LinkStore
from hopcount_app.store.toasts import Toasts
from hopcount_app.transport import BrowserTransport
from hopcount_app.usage import Usage

CALLBACK = "/app/callback"
"""Where sign-in pages send people back to, as services/platform registers it."""


def make_services(page: ft.Page, *, debug: bool) -> Services:
    """Return the services for this page: with a backend, or in debug mode with none.

    Outside of a browser, on the debug server, there is only debug mode.
    """
    services = _made_up() if debug or not page.pyodide else _real(page)

    def changed(account: Account | None) -> None:
        services.session.account = account
        if account is not None:
            services.links.belong_to(account.user_id)

    services.auth.listeners.append(changed)
    return services


def _made_up() -> Services:
    faults, toasts = Faults(), Toasts()
    api = DebugApiService(faults)
    regions = Regions(DebugTransport(faults), MemoryStorage(), DEPLOYMENT.endpoints)
    links = LinkStore(api, toasts)
    return Services(api, DebugAuth(faults), links, toasts, Usage(), regions, debug=True, faults=faults)


def _real(page: ft.Page) -> Services:
    parts = urlsplit(page.url or "")
    origin = f"{parts.scheme}://{parts.netloc}"
    transport, storage, toasts = BrowserTransport(), SharedStorage(), Toasts()
    discovery = Discovery(transport, origin)
    kept = Session(storage, BrowserChannel("hopcount.session"))
    login = ManagedLogin(transport, storage, discovery, origin + CALLBACK)
    auth = CognitoAuth(CognitoApi(transport, discovery), login, kept, lambda: page.route)
    regions = Regions(transport, storage, [Endpoint("", origin)])
    usage = Usage(
        lambda events: api.send_events(events),  # noqa: PLW0108  the two need each other
        storage,
        is_on=not wants_no_usage(),
        region=lambda: regions.current.region or None,
        since_opened=since_opened,
    )

    def done(name: Action, worked: bool, milliseconds: float) -> None:  # noqa: FBT001
        usage.record(name, result="ok" if worked else "failed", milliseconds=milliseconds)

    caller = Caller(transport, auth, regions, on_error=usage.record_error)
    api = HttpApiService(caller, discovery, transport, origin, done)
    discovery.listeners.append(lambda found: _choose(page, regions, found, origin))
    page.run_task(_begin, discovery, usage)
    page.on_app_lifecycle_state_change = lambda event: _left(page, usage, event)
    links = LinkStore(api, toasts, BrowserChannel("hopcount.links"))
    services = Services(api, auth, links, toasts, usage, regions)

    def left(account: Account | None) -> None:
        """Show nothing of somebody who signed out in another tab."""
        if account is None and kept.was_left:
            services.session.left = True
            links.clear()

    auth.listeners.append(left)
    return services


class SharedStorage:
    """Flet's preferences: in a browser, what Flutter keeps for this origin, for all tabs."""

    def __init__(self) -> None:
        self._kept = ft.SharedPreferences()

    async def get(self, key: str) -> str | None:
        """Return what is kept."""
        value = await self._kept.get(key)
        return value if isinstance(value, str) else None

    async def set(self, key: str, value: str) -> None:
        """Keep something."""
        await self._kept.set(key, value)

    async def remove(self, key: str) -> None:
        """Forget something."""
        await self._kept.remove(key)


async def _begin(discovery: Discovery, usage: Usage) -> None:
    """Learn, beside the first view, what it does not need."""
    await usage.resume()
    try:
        await discovery()
    except ServiceError:
        return  # whoever needs to know asks again


def _choose(page: ft.Page, regions: Regions, found: Deployment, origin: str) -> None:
    regions.learn(endpoints_for(found, origin))

    async def measure() -> None:
        await regions.resume()
        regions.measure_when_due()

    page.run_task(measure)


def _left(page: ft.Page, usage: Usage, event: ft.AppLifecycleStateChangeEvent) -> None:
    if event.state is ft.AppLifecycleState.HIDE:
        page.run_task(usage.flush)
