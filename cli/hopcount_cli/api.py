"""The creators' API over HTTP: credentials, patience, and errors that say what to do."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from json import loads
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from hopcount_cli import __version__
from hopcount_cli.errors import ApiError, NetworkError, SessionError

MACHINES = "/v1"
"""Where the API takes API tokens."""

_RETRIED = frozenset({429, 502, 503, 504})
_TRIES = 4
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 20.0
_EXPORT_PAGE = 1000


class Credentials(Protocol):
    """Who asks."""

    @property
    def machine(self) -> bool:
        """Whether it is an API token."""
        ...

    def token(self) -> str:
        """Return what to send as the bearer token.

        Raises
        ------
        hopcount_cli.errors.SessionError
            If the session is over.
        """
        ...

    def renew(self, refused: str) -> str:
        """Return another token than the one that was refused.

        Raises
        ------
        hopcount_cli.errors.SessionError
            If there is none.
        """
        ...


def open_http() -> httpx.Client:
    """Open a client that waits as long as a Lambda may take, and follows no redirect."""
    return httpx.Client(
        timeout=httpx.Timeout(35, connect=10),
        follow_redirects=False,
        headers={"User-Agent": f"hopcount-cli/{__version__}"},
    )


class Api:
    """The API of one deployment, as one of its users.

    Parameters
    ----------
    base_url
        Where the deployment is, without a slash at the end.
    credentials
        Who asks.
    http
        The client to ask with.
    wait
        How to wait, in seconds.
    notify
        What to tell somebody who waits.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        http: httpx.Client,
        *,
        wait: Callable[[float], None] = time.sleep,
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.base_url = base_url
        self._credentials = credentials
        self._http = http
        self._wait = wait
        self._notify = notify

    @property
    def machine(self) -> bool:
        """Whether an API token asks, not somebody who is signed in."""
        return self._credentials.machine

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Ask for something, and again where that is safe: reads, and requests with an `Idempotency-Key`.

        Parameters
        ----------
        method, path
            For instance `GET`, `/urls`.
        json
            The body, if there is one.
        params
            Query parameters; those that are None are left out.
        headers
            Beside the usual ones.

        Returns
        -------
        httpx.Response
            An answer between 200 and 299.

        Raises
        ------
        hopcount_cli.errors.ApiError
            If the service refuses, or fails.
        hopcount_cli.errors.SessionError
            If nobody is signed in any more.
        hopcount_cli.errors.NetworkError
            If there is no answer.
        """
        asked = {name: value for name, value in (params or {}).items() if value is not None}
        request = self._http.build_request(
            method,
            self.base_url + (MACHINES if self.machine else "") + path,
            json=json,
            params=asked or None,
            headers=headers,
        )
        repeatable = method in {"GET", "HEAD"} or "Idempotency-Key" in request.headers
        response = self._with_patience(request, _TRIES if repeatable else 1)
        if response.is_success:
            return response
        raise self._refusal(response)

    def fetch(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Ask for a JSON object; takes what `request` takes."""
        response = self.request(method, path, **more)
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise NetworkError(f"what answers at {self.base_url} is not Hopcount's API")
        return answer

    def link(self, code: str) -> dict[str, Any]:
        """Return one link."""
        return self.fetch("GET", link_path(code))

    def bulk(self, links: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any]:
        """Make many links at once.

        Parameters
        ----------
        links
            1 to 500 rows, each like the body of `POST /urls`.
        key
            The `Idempotency-Key`: the same rows with the same key make the same links.

        Returns
        -------
        dict
            `results`, in the order of the rows, and how many were `created`, `existing` and `failed`.
        """
        headers = {"Idempotency-Key": key}
        return self.fetch("POST", "/urls/bulk", json={"links": [*links]}, headers=headers)

    def export(self) -> Iterator[dict[str, Any]]:
        """Return every live link of the caller, as the export has them, page by page."""
        cursor: str | None = None
        while True:
            asked = {"format": "jsonl", "limit": _EXPORT_PAGE, "cursor": cursor}
            response = self.request("GET", "/urls/export", params=asked)
            try:
                rows = [loads(line) for line in response.text.split("\n") if line.strip()]
            except ValueError:
                raise NetworkError(f"what answers at {self.base_url} is not Hopcount's API") from None
            yield from rows
            cursor = _next_cursor(response)
            if cursor is None:
                return

    def _with_patience(self, request: httpx.Request, tries: int) -> httpx.Response:
        for attempt in range(1, tries + 1):
            try:
                response = self._authorized(request)
            except httpx.TransportError as error:
                if attempt == tries:
                    raise self._unreachable(error) from None
                pause = _pause(attempt)
                self._notify(f"no answer yet; trying again in {pause:.0f} s")
            else:
                pause = max(_pause(attempt), _retry_after(response) or 0)
                is_last = attempt == tries or pause > _LONGEST_PAUSE_SECONDS
                if response.status_code not in _RETRIED or is_last:
                    return response
                self._notify(f"the service is busy ({response.status_code}); trying again in {pause:.0f} s")
            self._wait(pause)
        raise AssertionError("the last try returns or raises")  # pragma: no cover

    def _authorized(self, request: httpx.Request) -> httpx.Response:
        token = self._credentials.token()
        request.headers["Authorization"] = f"Bearer {token}"
        response = self._http.send(request)
        if response.status_code == 401 and not self.machine:
            request.headers["Authorization"] = f"Bearer {self._credentials.renew(token)}"
            response = self._http.send(request)
        return response

    def _unreachable(self, error: httpx.TransportError) -> NetworkError:
        why = "it does not answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
        return NetworkError(f"{self.base_url} cannot be reached: {why or type(error).__name__}")

    def _refusal(self, response: httpx.Response) -> Exception:
        problem = read_problem(response)
        # The gateway's own refusals are no problem details: of a token it says 401, or 403 without a type.
        refused = response.status_code == 401 or (response.status_code == 403 and "type" not in problem)
        if self.machine and refused:
            return SessionError("HOPCOUNT_TOKEN is refused: it is unknown, expired or revoked")
        if response.status_code == 401:
            return SessionError(f"your session at {self.base_url} is over: hopcount login")
        if response.is_redirect:
            return NetworkError(f"what answers at {self.base_url} is not Hopcount's API: it redirects")
        return ApiError(problem)


def link_path(code: str, action: str = "") -> str:
    """Return the path of a link, or of something to be done with it."""
    return f"/urls/{quote(code, safe='')}{action}"


def read_problem(response: httpx.Response) -> dict[str, Any]:
    """Read why a request was refused: problem details, or the gateway's `{"message"}`."""
    try:
        body = response.json()
    except ValueError:
        body = None
    found = body if isinstance(body, dict) else {}
    told = {"detail": found["message"]} if "message" in found and "detail" not in found else {}
    problem = {"title": response.reason_phrase, **found, **told, "status": response.status_code}
    seconds = _retry_after(response)
    return problem if seconds is None else {"retryAfter": round(seconds), **problem}


def _retry_after(response: httpx.Response) -> float | None:
    try:
        return max(float(response.headers["Retry-After"]), 0)
    except (KeyError, ValueError):
        return None


def _pause(attempt: int) -> float:
    longest: float = _FIRST_PAUSE_SECONDS * 2**attempt
    return longest * random.uniform(0.5, 1)  # noqa: S311  so that clients do not come back all at once


def _next_cursor(response: httpx.Response) -> str | None:
    """Return the next page's cursor alone: credentials go to no address but our own."""
    url = response.links.get("next", {}).get("url")
    cursors = parse_qs(urlsplit(url).query).get("cursor") if url else None
    return cursors[0] if cursors else None
