"""Sending a request and getting its answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hopcount_app.api_service.errors import OfflineError, ServerError


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str

    def json(self) -> Any:
        """Read the body.

        Raises
        ------
        hopcount_app.api_service.errors.ServerError
            If it is no JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise ServerError from None


class Transport(Protocol):
    """How requests travel. Cancelling the task that awaits one ends it. Redirects are not followed."""

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None = None
    ) -> Response:
        """Send a request.

        Returns
        -------
        Response
            Of whatever status; 302 for any redirect where a browser does not tell which.

        Raises
        ------
        hopcount_app.api_service.errors.OfflineError
            If there is no answer.
        """
        ...


class BrowserTransport:
    """The browser's own `fetch`, called from Pyodide."""

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None = None
    ) -> Response:
        """Send a request; cookies stay out of it."""
        from pyodide.http import pyfetch  # noqa: PLC0415  there in a browser alone

        options: dict[str, Any] = {
            "method": method,
            "headers": dict(headers),
            "redirect": "manual",
            "credentials": "omit",
            "cache": "no-store",
            "keepalive": url.endswith("/events"),  # they are handed in on leaving, and outlive the page
        }
        if body is not None:
            options["body"] = body
        try:
            answer = await pyfetch(url, **options)  # which aborts the request when this task is cancelled
        except OSError:
            raise OfflineError from None
        if answer.type == "opaqueredirect":
            return Response(302, {}, "")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        try:
            return Response(answer.status, headers, await answer.text())
        except asyncio.CancelledError:
            answer.abort()
            raise
        except OSError:
            raise OfflineError from None
