"""The way to the HTTP API: one request in, the same request out, with CloudFront's headers."""

from __future__ import annotations

import logging
from types import TracebackType

import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from hopcount_local.front_door.pages import error_response
from hopcount_local.front_door.settings import FrontDoorSettings
from hopcount_local.front_door.viewer import (
    COUNTRY_HEADER,
    header,
    is_country,
    origin_headers,
    viewer_headers,
)

MAX_BODY = 10 * 1024 * 1024
"""Bytes that an HTTP API takes in one request."""

_logger = logging.getLogger(__name__)


class BodyTooLargeError(Exception):
    """A request body is longer than `MAX_BODY`."""


class ApiProxy:
    """Forwards requests to the HTTP API over a pool of kept-alive connections.

    It speaks to httpx's transport and not to its client: a proxy wants no cookies, no redirects followed,
    no default headers and no path tidied up.
    """

    def __init__(self, settings: FrontDoorSettings) -> None:
        self._country = settings.viewer_country
        url = httpx.URL(settings.api_url)
        self._origin = url.copy_with(raw_path=b"/")
        self._prefix = url.raw_path
        self._timeout = httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout).as_dict()
        # Only connecting is tried again: a request that was sent may have been counted.
        self._transport = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=100, keepalive_expiry=30),
            retries=1,
        )

    async def __aenter__(self) -> ApiProxy:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        accept = header(scope["headers"], "accept") or ""
        country = header(scope["headers"], COUNTRY_HEADER) or self._country
        if country is not None and not is_country(country):
            detail = f"{COUNTRY_HEADER} takes two capital letters, for instance NL."
            await error_response(400, "That is not a country code", detail, accept)(scope, receive, send)
            return
        try:
            body = await _read_body(Request(scope, receive))
        except ClientDisconnect:
            return
        except BodyTooLargeError:
            # In the words of an HTTP API, which cannot be changed there either.
            await JSONResponse({"message": "Request Entity Too Large"}, 413)(scope, receive, send)
            return
        try:
            response = await self._transport.handle_async_request(self._request(scope, body, country))
        except httpx.TimeoutException as error:
            await _unanswered(error, 504, accept)(scope, receive, send)
            return
        except httpx.TransportError as error:
            await _unanswered(error, 502, accept)(scope, receive, send)
            return
        await _pass_on(response, send)

    def _request(self, scope: Scope, body: bytes, country: str | None) -> httpx.Request:
        query = scope["query_string"]
        target = self._prefix + scope["raw_path"] + (b"?" + query if query else b"")
        expects_length = body or header(scope["headers"], "content-length") is not None
        headers = origin_headers(
            scope["headers"],
            address=tuple(scope["client"] or ("127.0.0.1", 0)),
            country=country,
            body_length=len(body) if expects_length else None,
        )
        return httpx.Request(
            scope["method"],
            self._origin,
            headers=headers,
            content=body or None,
            # The target as it came: a URL object would remove dot segments and re-encode escapes.
            extensions={"target": target, "timeout": self._timeout},
        )


async def _read_body(request: Request) -> bytes:
    declared = request.headers.get("content-length")
    if declared is None and "transfer-encoding" not in request.headers:
        return b""
    if declared is not None and int(declared) > MAX_BODY:
        raise BodyTooLargeError
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise BodyTooLargeError
    return bytes(body)


async def _pass_on(response: httpx.Response, send: Send) -> None:
    """Send the API's answer as it comes in; one that breaks off breaks off for the viewer too."""
    try:
        await send(
            {
                "type": "http.response.start",
                "status": response.status_code,
                "headers": viewer_headers(response.headers.raw),
            }
        )
        async for chunk in response.aiter_raw():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except httpx.TransportError as error:
        # Not sending the end makes uvicorn close the connection: the viewer sees that something is missing.
        _logger.warning("the API's answer broke off: %s", type(error).__name__)
    finally:
        await response.aclose()


def _unanswered(error: httpx.TransportError, status: int, accept: str) -> Response:
    _logger.warning("the API did not answer: %s", type(error).__name__)
    if status == 504:
        return error_response(504, "Hopcount takes too long", "The API did not answer in time.", accept)
    detail = "The API behind this page does not answer. If you run Hopcount here, start it with: make up"
    return error_response(502, "Hopcount is not running", detail, accept, {"Retry-After": "5"})
