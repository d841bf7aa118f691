"""The session that this browser keeps: in memory, and in storage that survives a reload (ADR 0023)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from hopcount_app.api_service.errors import ServerError
from hopcount_app.auth.service import Account
from hopcount_app.storage import Storage
from hopcount_app.store.channel import Channel, Message

KEY = "hopcount.session"
_IN: Message = {"session": "in"}
_OVER: Message = {"session": "over"}
_LEFT: Message = {"session": "left"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Cognito gave somebody. `expires_at` is when the access token ends, in seconds since 1970."""

    user_id: str
    email: str
    access_token: str
    refresh_token: str
    expires_at: float

    @property
    def account(self) -> Account:
        """Whose they are."""
        return Account(self.user_id, self.email)

    @classmethod
    def first(cls, result: dict[str, Any], now: float) -> Tokens:
        """Read what a sign-in gave.

        The ID token says who it is. It came from Cognito itself over TLS, and nothing here is decided by it.
        """
        try:
            claims = _claims(result["IdToken"])
            empty = cls(str(claims["sub"]), str(claims.get("email", "")), "", result["RefreshToken"], 0.0)
            return empty.renewed(result, now)
        except (KeyError, IndexError, TypeError, ValueError):
            raise ServerError from None

    def renewed(self, result: dict[str, Any], now: float) -> Tokens:
        """Return them with a new access token; a refresh token comes only if it changes."""
        return replace(
            self,
            access_token=str(result["AccessToken"]),
            refresh_token=str(result.get("RefreshToken") or self.refresh_token),
            expires_at=now + float(result["ExpiresIn"]),
        )


class Session:
    """The tokens of whoever is signed in, the same in all tabs.

    Parameters
    ----------
    storage
        Where they survive a reload.
    channel
        How tabs tell each other.

    Attributes
    ----------
    listeners
        Called with who is signed in, or `None`, whenever that changes.
    was_left
        Whether it ended because somebody signed out, here or in another tab.
    """

    def __init__(self, storage: Storage, channel: Channel) -> None:
        self.tokens: Tokens | None = None
        self.was_left = False
        self.listeners: list[Callable[[Account | None], None]] = []
        self._storage = storage
        self._channel = channel
        self._reading: asyncio.Future[Tokens | None] | None = None
        channel.subscribe(self._heard)

    @property
    def account(self) -> Account | None:
        """Who is signed in."""
        return self.tokens.account if self.tokens else None

    async def load(self) -> Tokens | None:
        """Take up what this browser keeps; another tab may have renewed it, or ended it."""
        kept = await self._storage.get(KEY)
        try:
            self._set(Tokens(**json.loads(kept)) if kept else None)
        except (TypeError, ValueError):
            await self._storage.remove(KEY)
            self._set(None)
        return self.tokens

    async def keep(self, tokens: Tokens) -> None:
        """Keep tokens that are new."""
        is_new = self.account != tokens.account
        await self._storage.set(KEY, json.dumps(asdict(tokens)))
        self._set(tokens)
        if is_new:
            self._channel.post(_IN)

    async def end(self, *, left: bool) -> None:
        """Forget them, in every tab: somebody signed out (`left`), or Cognito wants no more of them."""
        await self._storage.remove(KEY)
        self.was_left = left
        self._set(None)
        self._channel.post(_LEFT if left else _OVER)

    def _heard(self, message: Message) -> None:
        """Follow another tab out at once, and in by what it kept."""
        if message in (_LEFT, _OVER):
            self.was_left = message == _LEFT
            self._set(None)
        elif message == _IN:
            self._reading = asyncio.ensure_future(self.load())

    def _set(self, tokens: Tokens | None) -> None:
        before, self.tokens = self.account, tokens
        if self.account != before:
            for listener in list(self.listeners):
                listener(self.account)


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(claims, dict):
        raise TypeError("claims are an object")
    return claims
