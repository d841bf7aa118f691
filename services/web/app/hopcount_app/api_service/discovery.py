"""Where this deployment's parts are: read once from the page's own origin, when somebody needs to know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from hopcount_app.api_service.caller import succeeded
from hopcount_app.api_service.errors import ServerError
from hopcount_app.api_service.models import Deployment, Endpoint
from hopcount_app.transport import Transport

PATH = "/.well-known/hopcount.json"


class Discovery:
    """Asks what is deployed here; what it learns is kept, a failure is not.

    Parameters
    ----------
    transport
        How to ask.
    origin
        Whom: the page's own origin, without a last slash.

    Attributes
    ----------
    listeners
        Called once, with what was found.
    """

    def __init__(self, transport: Transport, origin: str) -> None:
        self.listeners: list[Callable[[Deployment], None]] = []
        self._transport = transport
        self._origin = origin
        self._found: Deployment | None = None
        self._asking = asyncio.Lock()

    async def __call__(self) -> Deployment:
        """Return the deployment.

        Raises
        ------
        hopcount_app.api_service.errors.ServiceError
            If it cannot be learned now.
        """
        async with self._asking:
            if self._found is None:
                self._found = await self._ask()
                for listener in self.listeners:
                    listener(self._found)
        return self._found

    async def _ask(self) -> Deployment:
        response = succeeded(await self._transport.request("GET", self._origin + PATH, {}))
        try:
            return Deployment.from_json(response.json())
        except (KeyError, TypeError, AttributeError):
            raise ServerError from None


def endpoints_for(deployment: Deployment, origin: str) -> Sequence[Endpoint]:
    """Return the endpoints to choose from: the page's own origin for its region, and the other regions."""
    others = [endpoint for endpoint in deployment.endpoints if endpoint.region != deployment.region]
    return [Endpoint(deployment.region, origin), *others]
