"""What every view can reach: the backend, the session, the links shown, messages."""

from __future__ import annotations

from dataclasses import dataclass, field

import flet as ft

from hopcount_app.api_service.faults import Faults
from hopcount_app.api_service.regions import Regions
from hopcount_app.api_service.service import ApiService
from hopcount_app.auth.service import Account, AuthService
from hopcount_app.store.links import LinkStore
from hopcount_app.store.toasts import Toasts
from hopcount_app.usage import Usage


@ft.observable
@dataclass
class Session:
    """Who is signed in, as the views see it.

    `ready` is false until it is known; `problem` is why a sign-in elsewhere came to nothing;
    `left` is true once they signed out on purpose.
    """

    ready: bool = False
    account: Account | None = None
    problem: str = ""
    left: bool = False


@dataclass
class Services:
    """One of each, made by `hopcount_app.wiring`.

    `faults` is what goes wrong on purpose, in debug mode alone; `regions` are the endpoints of the API.
    """

    api: ApiService
    auth: AuthService
    links: LinkStore
    toasts: Toasts
    usage: Usage
    regions: Regions
    debug: bool = False
    faults: Faults = field(default_factory=Faults)
    session: Session = field(default_factory=Session)


context: ft.ContextProvider[Services | None] = ft.create_context(None)


def use_services() -> Services:
    """Return what this component can reach (a hook: call it at the top of a component)."""
    services = ft.use_context(context)
    if services is None:
        raise RuntimeError("rendered outside of App")
    return services
