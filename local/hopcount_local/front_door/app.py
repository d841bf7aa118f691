"""The front door as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from hopcount_local.front_door.proxy import ApiProxy
from hopcount_local.front_door.routes import is_site
from hopcount_local.front_door.settings import FrontDoorSettings
from hopcount_local.front_door.site import Site


def build_app(settings: FrontDoorSettings) -> Router:
    """Make the application; its connections to the API open and close with its lifespan.

    Everything is the router's default: Starlette's routes match decoded paths, and what is decoded
    already cannot be sent on as it came.
    """
    proxy = ApiProxy(settings)
    site = Site(settings.site, settings.connect)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await (site if is_site(scope["raw_path"]) else proxy)(scope, receive, send)

    @asynccontextmanager
    async def lifespan(_: Router) -> AsyncIterator[None]:
        async with proxy:
            yield

    return Router(routes=[], default=dispatch, lifespan=lifespan, redirect_slashes=False)
