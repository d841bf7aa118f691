"""Signing in on Cognito's own pages, or on those of whoever it trusts: the code flow with PKCE."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from hopcount_app.api_service.errors import InvalidError, ServerError, ServiceError
from hopcount_app.api_service.models import Deployment
from hopcount_app.storage import Storage
from hopcount_app.transport import Transport
from hopcount_cli.pkce import SCOPES, Pkce, authorize_url, read_tokens, token_form

KEY = "hopcount.login"
PATH = "/callback"
_SCOPES = f"{SCOPES} aws.cognito.signin.user.admin"
"""The last one lets people see to their own password and authenticator app."""


@dataclass(frozen=True)
class ManagedLogin:
    """The pages to sign in at.

    Parameters
    ----------
    transport, storage
        How to fetch tokens, and where a sign-in is remembered between going and coming back.
    find
        Knows where the pages are, and which of the pool's clients this app is.
    redirect_uri
        Where they send people back to, as it is registered with the pool.
    """

    transport: Transport
    storage: Storage
    find: Callable[[], Awaitable[Deployment]]
    redirect_uri: str

    async def begin(self, provider: str | None) -> str:
        """Return the page to go to."""
        deployment, pkce = await self.find(), Pkce.new()
        await self.storage.set(KEY, json.dumps(asdict(pkce)))
        return authorize_url(
            deployment.login_url,
            deployment.client_id,
            self.redirect_uri,
            pkce,
            scopes=_SCOPES,
            provider=provider,
        )

    async def finish(self, address: str) -> dict[str, Any] | None:
        """Return the tokens of whoever comes back; `None` where the address is of no coming back.

        Parameters
        ----------
        address
            Of the page, with its query.

        Raises
        ------
        hopcount_app.api_service.errors.InvalidError
            If they were not sent from here, or were refused.
        """
        parts = urlsplit(address)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if not parts.path.endswith(PATH) or not {"code", "error"} & set(given):
            return None
        pkce = await self._begun()
        if pkce is None or not pkce.sent(given.get("state", "")):
            raise InvalidError(
                "This sign-in was not begun in this browser, or is over. Please sign in again."
            )
        if "code" not in given:
            raise InvalidError(
                f"The sign-in was refused: {given.get('error_description') or given['error']}."
            )
        return await self._trade(given["code"], pkce)

    async def _begun(self) -> Pkce | None:
        """Return what was sent out, once."""
        kept = await self.storage.get(KEY)
        await self.storage.remove(KEY)
        try:
            return Pkce(**json.loads(kept)) if kept else None
        except (TypeError, ValueError):
            return None

    async def _trade(self, code: str, pkce: Pkce) -> dict[str, Any]:
        deployment = await self.find()
        form = urlencode(token_form(deployment.client_id, self.redirect_uri, code, pkce.verifier))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url = f"{deployment.login_url}/oauth2/token"
        response = await self.transport.request("POST", url, headers, form)
        tokens = read_tokens(_object(response.json())) if response.status == 200 else None
        if tokens is None:
            raise _refusal(response.status)
        return tokens


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise ServerError
    return answer


def _refusal(status: int) -> ServiceError:
    if status >= 500:
        return ServerError()
    return InvalidError("The sign-in took too long, or was used already. Please sign in again.")
