"""Which deployment a command talks to, and as whom."""

import os
import time
from functools import cached_property
from typing import TYPE_CHECKING

import typer

from hopcount_cli.console import note
from hopcount_cli.credentials import Account, ApiToken, SignedIn, Store, with_tokens
from hopcount_cli.discovery import check_url
from hopcount_cli.errors import SessionError, UsageError

if TYPE_CHECKING:
    import httpx

    from hopcount_cli.api import Api

URL_KEY = "hopcount.url"
"""Where the option `--url` of the whole command is kept (`Context.meta`)."""


class Session:
    """What a command works with besides its options.

    Parameters
    ----------
    context
        The command's.
    url
        Its own `--url`, if it has one; else it is the whole command's, else HOPCOUNT_URL.

    Attributes
    ----------
    url
        The deployment that was named, if one was.
    store
        What is remembered.
    """

    def __init__(self, context: typer.Context, url: str | None = None) -> None:
        chosen = url or context.meta.get(URL_KEY) or os.environ.get("HOPCOUNT_URL")
        self.url = check_url(chosen) if chosen else None
        self.store = Store.find()
        self._context = context

    @property
    def base_url(self) -> str:
        """The deployment: the one that was named, or that was signed in to last.

        Raises
        ------
        hopcount_cli.errors.UsageError
            If there is neither.
        """
        found = self.url or self.store.current
        if not found:
            raise UsageError("say which Hopcount: hopcount login --url https://..., or HOPCOUNT_URL")
        return found

    def account(self) -> Account:
        """Return who is signed in.

        Raises
        ------
        hopcount_cli.errors.SessionError
            If nobody is.
        """
        found = self.store.get(self.base_url)
        if found is None:
            raise SessionError(f"not signed in to {self.base_url}: hopcount login, or set HOPCOUNT_TOKEN")
        return found

    @cached_property
    def http(self) -> "httpx.Client":
        """A client that is closed when the command ends."""
        from hopcount_cli.api import open_http  # noqa: PLC0415  HTTP takes a while to import

        client = open_http()
        self._context.call_on_close(client.close)
        return client

    def api(self) -> "Api":
        """Return the API, asked with HOPCOUNT_TOKEN, or as whoever is signed in."""
        from hopcount_cli.api import Api  # noqa: PLC0415  HTTP takes a while to import

        base_url, token = self.base_url, machine_token()
        credentials = ApiToken(token) if token else signed_in(self.store, self.account(), self.http)
        return Api(base_url, credentials, self.http, notify=note)


def connect(context: typer.Context) -> "Api":
    """Return the API of the deployment that a command was told, or that was signed in to last.

    Raises
    ------
    hopcount_cli.errors.UsageError
        If no deployment is known, or HOPCOUNT_TOKEN cannot be a token.
    hopcount_cli.errors.SessionError
        If there is no token and nobody is signed in.
    """
    return Session(context).api()


def machine_token() -> str | None:
    """Return HOPCOUNT_TOKEN.

    Raises
    ------
    hopcount_cli.errors.UsageError
        If it cannot be a token.
    """
    token = os.environ.get("HOPCOUNT_TOKEN", "").strip()
    if token and not (token.startswith("hc_") and token.isascii() and token.isprintable()):
        raise UsageError("HOPCOUNT_TOKEN is no API token: one begins with hc_ (hopcount token create)")
    return token or None


def signed_in(store: Store, account: Account, http: "httpx.Client") -> SignedIn:
    """Return the credentials of an account."""
    from hopcount_cli.cognito import Cognito  # noqa: PLC0415

    def renewal(known: Account) -> Account:
        tokens = Cognito(known.cognito_endpoint, known.client_id, http).renew(known.refresh_token)
        return with_tokens(known, tokens, time.time())

    return SignedIn(store, account, renewal, time.time)
