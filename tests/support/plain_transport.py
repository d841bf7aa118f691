"""The app's requests without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from hopcount_app.api_service.errors import OfflineError
from hopcount_app.transport import Response


class PlainTransport:
    """The standard library's HTTP, in a thread of its own."""

    def __init__(self, timeout: float = 30.0) -> None:
        self._timeout = timeout

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None = None
    ) -> Response:
        """Send a request. Its thread ends by itself when nobody waits any more."""
        return await asyncio.to_thread(self._send, method, url, headers, body)

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Response:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=self._timeout)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            connection.request(method, path, body and body.encode(), dict(headers))
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, HTTPException):
            raise OfflineError from None
        finally:
            connection.close()
        return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
