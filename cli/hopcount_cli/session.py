"""Which deployment a command talks to, and as whom."""

import os
import time
from dataclasses import dataclass, field
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


@dataclass
class Session:
    """What commands work with besides their options.

    Parameters
    ----------
    url
        The deployment that was named, if one was.
    store
        What is remembered.
    """

    url: str | None = None
    store: Store = field(default_factory=Store.find)

    @classmethod
    def of(cls, context: typer.Context, url: str | None = None) -> "Session":
        """Return a command's session: by its own `--url`, else the whole command's, else HOPCOUNT_URL."""
        chosen = url or context.meta.get(URL_KEY) or os.environ.get("HOPCOUNT_URL")
        return cls(check_url(chosen) if chosen else None)

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

    def api(self) -> "Api":
        """Return the API, asked with HOPCOUNT_TOKEN, or as whoever is signed in."""
        from hopcount_cli.api import Api, open_http  # noqa: PLC0415  HTTP takes a while to import

        token = machine_token()
        if token:
            return Api(self.base_url, ApiToken(token), notify=note)
        http, account = open_http(), self.account()
        return Api(self.base_url, signed_in(self.store, account, http), http, notify=note)


def connect(context: typer.Context) -> "Api":
    """Return the API of the deployment that a command was told, or that was signed in to last.

    Raises
    ------
    hopcount_cli.errors.UsageError
        If no deployment is known, or HOPCOUNT_TOKEN cannot be a token.
    hopcount_cli.errors.SessionError
        If there is no token and nobody is signed in.
    """
    return Session.of(context).api()


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
