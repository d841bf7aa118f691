"""What the views may ask of whoever signs people in: `CognitoAuth` asks Cognito, `DebugAuth` lets all in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in."""

    user_id: str
    email: str


@dataclass(frozen=True, slots=True)
class TotpChallenge:
    """The password was right; a code of the authenticator app is wanted as well."""

    email: str
    session: str


@dataclass(frozen=True, slots=True)
class NewPasswordChallenge:
    """The password was the one of an invitation, and right; another one is wanted instead."""

    email: str
    session: str


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """What an authenticator app needs: the secret, and the `otpauth://` address that a QR code holds."""

    secret: str
    uri: str


class AuthService(Protocol):
    """Signs people in and keeps their session.

    Every method may raise any `hopcount_app.api_service.errors.ServiceError`: `InvalidError` for a wrong
    password or code and for what the pool refuses, in words; its `fields` are `email`, `password` and `code`.

    Attributes
    ----------
    listeners
        Called with who is signed in, or `None`, whenever that changes: here, or in another tab.
    """

    listeners: list[Callable[[Account | None], None]]

    @property
    def account(self) -> Account | None:
        """Who is signed in, or `None`."""
        ...

    async def resume(self) -> Account | None:
        """Go on with the session that this browser keeps, or with the code in the page's address."""
        ...

    async def token(self, *, fresh: bool = False) -> str:
        """Return a token that is good now, fetching another where needed.

        Raises
        ------
        hopcount_app.api_service.errors.SessionOverError
            If nobody is signed in.
        """
        ...

    async def sign_up(self, email: str, password: str) -> None:
        """Ask for an account; a code is sent by mail."""
        ...

    async def confirm(self, email: str, code: str) -> None:
        """Prove the address."""
        ...

    async def resend(self, email: str) -> None:
        """Send another code."""
        ...

    async def sign_in(self, email: str, password: str) -> Account | TotpChallenge | NewPasswordChallenge:
        """Sign in; the password itself is never sent.

        Raises
        ------
        hopcount_app.api_service.errors.UnconfirmedError
            If the address is not proved yet: ask for the mailed code.
        """
        ...

    async def answer_totp(self, challenge: TotpChallenge, code: str) -> Account:
        """Finish a sign-in with a code of the authenticator app."""
        ...

    async def answer_new_password(
        self, challenge: NewPasswordChallenge, password: str
    ) -> Account | TotpChallenge | NewPasswordChallenge:
        """Finish the first sign-in of somebody who was invited, with a password of their own."""
        ...

    async def forgot(self, email: str) -> None:
        """Send a code for a new password."""
        ...

    async def reset(self, email: str, code: str, password: str) -> None:
        """Set a new password with the code."""
        ...

    async def change_password(self, old: str, new: str) -> None:
        """Set another password."""
        ...

    async def authorize_url(self, provider: str | None = None) -> str:
        """Return the managed login page to go to; this browser keeps what is needed on coming back."""
        ...

    async def totp_is_on(self) -> bool:
        """Tell whether a code is wanted at each sign-in."""
        ...

    async def begin_totp(self) -> TotpSetup:
        """Begin to set an authenticator app up."""
        ...

    async def confirm_totp(self, code: str) -> None:
        """Prove that the authenticator app works; from then on its codes are wanted."""
        ...

    async def disable_totp(self) -> None:
        """Stop wanting codes."""
        ...

    async def sign_out(self, *, everywhere: bool = False) -> None:
        """Forget the session in this browser (all its tabs), or end those on all devices too."""
        ...
