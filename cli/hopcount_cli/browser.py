"""Signing in by browser: the authorization code flow with PKCE, over a page of this machine."""

import html
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from hopcount_cli.discovery import Deployment
from hopcount_cli.errors import CommandError, NetworkError, SessionError
from hopcount_cli.pkce import Pkce, authorize_url, read_tokens, token_form

if TYPE_CHECKING:
    import httpx

PORT = 8765
REDIRECT = f"http://localhost:{PORT}/callback"
"""Registered with the user pool: neither host nor port can be another."""

PATIENCE_SECONDS = 300


class Callback:
    """What the browser brings back.

    Parameters
    ----------
    pkce
        What was sent out.
    """

    def __init__(self, pkce: Pkce) -> None:
        self._pkce = pkce
        self.code: str | None = None
        self.refusal: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is known how the sign-in ended."""
        return self.code is not None or self.refusal is not None

    def take(self, path: str) -> tuple[int, str]:
        """Take a request; return the status and the text of its answer."""
        parts = urlsplit(path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != "/callback":
            return 404, "There is nothing here."
        if not self._pkce.sent(given.get("state", "")):
            return 400, "This sign-in was not begun by the terminal that waits."
        if "code" in given:
            self.code = given["code"]
            return 200, "You are signed in. Close this page and go back to the terminal."
        self.refusal = given.get("error_description") or given.get("error") or "no reason was given"
        return 200, "You are not signed in. The terminal says why."


def sign_in_by_browser(
    deployment: Deployment,
    http: "httpx.Client",
    show: Callable[[str], None],
    *,
    patience: float = PATIENCE_SECONDS,
) -> dict[str, Any]:
    """Let somebody sign in by browser; return tokens, by the names that Cognito's API has for them.

    Parameters
    ----------
    deployment
        Where to.
    http
        The client to fetch the tokens with.
    show
        Gets the address to open.
    patience
        For how many seconds to wait for the browser.

    Raises
    ------
    hopcount_cli.errors.SessionError
        If nobody signed in.
    """
    pkce = Pkce.new()
    callback = Callback(pkce)
    with _listen(callback) as server:
        show(authorize_url(deployment.login_url, deployment.client_id, REDIRECT, pkce))
        deadline = time.monotonic() + patience
        while not callback.is_over:
            if time.monotonic() > deadline:
                raise SessionError("nobody signed in within five minutes")
            server.handle_request()
    if callback.code is None:
        raise SessionError(f"the sign-in was refused: {callback.refusal}")
    return _fetch_tokens(deployment, http, callback.code, pkce)


def _fetch_tokens(deployment: Deployment, http: "httpx.Client", code: str, pkce: Pkce) -> dict[str, Any]:
    import httpx  # noqa: PLC0415  it takes a while to import

    form = token_form(deployment.client_id, REDIRECT, code, pkce.verifier)
    try:
        response = http.post(f"{deployment.login_url}/oauth2/token", data=form)
        given = response.json()
    except httpx.TransportError as error:
        raise NetworkError(f"{deployment.login_url} cannot be reached: {error}") from None
    except ValueError:
        given = None
    if not isinstance(given, dict) or response.status_code >= 500:
        raise NetworkError(f"{deployment.login_url} fails ({response.status_code}); try again later")
    tokens = read_tokens(given) if response.is_success else None
    if tokens is None:
        raise SessionError(f"the sign-in was refused: {given.get('error', response.status_code)}")
    return tokens


def _listen(callback: Callback) -> HTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            status, text = callback.take(self.path)
            page = (
                f"<!doctype html><meta charset=utf-8><title>Hopcount</title><p>{html.escape(text)}".encode()
            )
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Say nothing: the address holds the code."""

    class Server(HTTPServer):
        timeout = 1

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: a browser may hang up, and comes again."""

    try:
        return Server(("127.0.0.1", PORT), Handler)
    except OSError:
        raise CommandError(f"port {PORT} is in use; the browser has to come back there") from None
