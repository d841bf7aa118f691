"""One request to the API: as whom, to which region, how often, and what its refusals mean."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from hopcount_app.api_service.backoff import Backoff, retry_after
from hopcount_app.api_service.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    ServiceError,
    SessionOverError,
)
from hopcount_app.api_service.models import Endpoint
from hopcount_app.api_service.regions import Regions
from hopcount_app.transport import Response, Transport

_KINDS: dict[int, Callable[..., ServiceError]] = {
    401: SessionOverError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: NotFoundError,
}


class Tokens(Protocol):
    """Who asks."""

    async def token(self, *, fresh: bool = False) -> str:
        """Return an access token that is good now; `fresh` if the last one was refused."""
        ...


@dataclass
class Caller:
    """Sends requests to the API.

    Parameters
    ----------
    transport
        How they travel.
    tokens
        Who asks.
    regions
        Which endpoint is asked.
    backoff
        How patiently.
    on_error
        Called with whatever goes wrong.
    """

    transport: Transport
    tokens: Tokens
    regions: Regions
    backoff: Backoff = field(default_factory=Backoff)
    on_error: Callable[[ServiceError], None] = lambda _: None

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, object | None] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request as whoever is signed in; return its answer, which is a success.

        Reads, and requests with an `Idempotency-Key`, are repeated where that may help.

        Raises
        ------
        hopcount_app.api_service.errors.ServiceError
            Whichever says what went wrong.
        """
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        target = f"{path}?{urlencode(asked)}" if asked else path
        sent = {"Accept": "application/json", **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        text = None if body is None else json.dumps(body)
        repeatable = method in {"GET", "HEAD"} or "Idempotency-Key" in sent

        async def once(endpoint: Endpoint) -> Response:
            return await self._as_somebody(method, endpoint.url + target, sent, text)

        async def ask() -> Response:
            return await self.regions.ask(once, repeatable=repeatable)

        try:
            return succeeded(await self.backoff.run(ask, repeatable=repeatable))
        except ServiceError as error:
            self.on_error(error)
            raise

    async def read(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Send a request; return the JSON object that is its answer. Takes what `send` takes."""
        answer = (await self.send(method, path, **more)).json()
        if not isinstance(answer, dict):
            raise ServerError
        return answer

    async def _as_somebody(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None
    ) -> Response:
        """Send a request with a token; with a fresh one if that is refused."""
        for fresh in (False, True):
            token = await self.tokens.token(fresh=fresh)
            sent = {**headers, "Authorization": f"Bearer {token}"}
            response = await self.transport.request(method, url, sent, body)
            if response.status != 401:
                break
        return response


def succeeded(response: Response) -> Response:
    """Return a successful answer.

    Raises
    ------
    hopcount_app.api_service.errors.ServiceError
        Whichever an unsuccessful one means.
    """
    if 200 <= response.status < 300:
        return response
    raise refusal(response)


def refusal(response: Response) -> ServiceError:
    """Say what an unsuccessful answer means: problem details, the gateway's words, or a firewall's page."""
    problem = _problem(response)
    detail = _sentence(problem.get("detail"))
    if response.status == 429:
        seconds = retry_after(response.headers, time.time())
        return RateLimitedError(detail or RateLimitedError.message, 1.0 if seconds is None else seconds)
    if response.status in {400, 413, 415, 422}:
        return InvalidError(detail or "Please check what you entered.", _fields(problem))
    if response.status == 412:
        return ConflictError("The link was changed elsewhere meanwhile. Please look again.")
    kind = _KINDS.get(response.status, ServerError)
    return kind(detail) if detail and kind in {ForbiddenError, NotFoundError, ConflictError} else kind()


def _problem(response: Response) -> Mapping[str, Any]:
    try:
        found = json.loads(response.body)
    except ValueError:
        return {}
    # The gateway says `{"message": "Forbidden"}`: the status says as much, and our words say more.
    return found if isinstance(found, dict) else {}


def _fields(problem: Mapping[str, Any]) -> dict[str, str]:
    errors = problem.get("errors")
    found = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return {str(error.get("field", "")): str(error.get("message", "")) for error in found}


def _sentence(text: object) -> str:
    """Write the API's words, which begin small and end without a full stop, as people do."""
    words = text.strip() if isinstance(text, str) else ""
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".?!" else ".")
