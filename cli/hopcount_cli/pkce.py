"""The authorization code flow with PKCE (RFC 7636), for the terminal and the web app: standard library."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

SCOPES = "openid email profile"
_TOKENS = {"id_token": "IdToken", "access_token": "AccessToken", "refresh_token": "RefreshToken"}


@dataclass(frozen=True)
class Pkce:
    """What one sign-in has to remember between going to the page and coming back.

    Parameters
    ----------
    verifier
        Proves that whoever brings the code is who asked for it.
    state
        What has to come back beside the code: whoever brings another was not sent from here.
    """

    verifier: str
    state: str

    @classmethod
    def new(cls) -> "Pkce":
        """Make one that nobody can foresee."""
        return cls(secrets.token_urlsafe(64), secrets.token_urlsafe(24))

    @property
    def challenge(self) -> str:
        """What of the verifier may be seen by all."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def sent(self, state: str) -> bool:
        """Tell whether somebody who comes back with this state was sent from here."""
        return secrets.compare_digest(state.encode(), self.state.encode())


def authorize_url(
    login_url: str,
    client_id: str,
    redirect_uri: str,
    pkce: Pkce,
    *,
    scopes: str = SCOPES,
    provider: str | None = None,
) -> str:
    """Return the page to sign in at; `provider` leads straight to one of the others who sign people in."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": scopes,
        "state": pkce.state,
        "code_challenge_method": "S256",
        "code_challenge": pkce.challenge,
        **({"identity_provider": provider} if provider else {}),
    }
    return f"{login_url}/oauth2/authorize?{urlencode(query)}"


def token_form(client_id: str, redirect_uri: str, code: str, verifier: str) -> dict[str, str]:
    """Return the form that trades a code for tokens, at `/oauth2/token`."""
    return {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }


def read_tokens(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return tokens by the names that Cognito's API has for them, or None if they are not all there."""
    if not set(_TOKENS) <= set(given):
        return None
    return {theirs: given[name] for name, theirs in _TOKENS.items()} | {
        "ExpiresIn": given.get("expires_in", 0)
    }
