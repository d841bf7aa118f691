"""Everybody is let in: no network, no account."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable

from hopcount_app.api_service.errors import InvalidError, SessionOverError, UnconfirmedError
from hopcount_app.api_service.faults import Faults
from hopcount_app.auth.service import Account, NewPasswordChallenge, TotpChallenge, TotpSetup
from hopcount_app.auth.totp import totp_setup

WRONG_CODE = "000000"
"""The one code that is not right."""


class DebugAuth:
    """Signs in whoever comes, with whatever password; the demo account is signed in from the beginning.

    Parameters
    ----------
    faults
        What goes wrong.
    """

    def __init__(self, faults: Faults) -> None:
        self.account: Account | None = None
        self.listeners: list[Callable[[Account | None], None]] = []
        self._faults = faults
        self._totp = False

    async def resume(self) -> Account:
        """Go on as the demo account."""
        return self._enter("demo@example.com")

    async def token(self, *, fresh: bool = False) -> str:  # noqa: ARG002  as the protocol has it
        """Return a token that no backend wants."""
        if self.account is None:
            raise SessionOverError
        return "debug"

    async def sign_up(self, email: str, password: str) -> None:  # noqa: ARG002
        """Send no code: any is right but `000000`."""
        await self._faults.strike()
        if email.startswith("taken@"):
            raise InvalidError("There is an account for this address already.", {"email": "is taken"})

    async def confirm(self, email: str, code: str) -> None:  # noqa: ARG002
        """Take the code."""
        await self._faults.strike()
        _check(code)

    async def resend(self, email: str) -> None:  # noqa: ARG002
        """Send no code again."""
        await self._faults.strike()

    async def sign_in(self, email: str, password: str) -> Account | TotpChallenge | NewPasswordChallenge:  # noqa: ARG002
        """Let in, after a code if an authenticator app was set up; `invited@` and `new@` have more to do."""
        await self._faults.strike()
        if email.startswith("new@"):
            raise UnconfirmedError
        if email.startswith("invited@"):
            return NewPasswordChallenge(email, "debug")
        return TotpChallenge(email, "debug") if self._totp else self._enter(email)

    async def answer_totp(self, challenge: TotpChallenge, code: str) -> Account:
        """Let in with a code."""
        await self._faults.strike()
        _check(code)
        return self._enter(challenge.email)

    async def answer_new_password(self, challenge: NewPasswordChallenge, password: str) -> Account:  # noqa: ARG002
        """Let in with any password."""
        await self._faults.strike()
        return self._enter(challenge.email)

    async def forgot(self, email: str) -> None:  # noqa: ARG002
        """Send no code."""
        await self._faults.strike()

    async def reset(self, email: str, code: str, password: str) -> None:  # noqa: ARG002
        """Take the code and the password."""
        await self._faults.strike()
        _check(code)

    async def change_password(self, old: str, new: str) -> None:  # noqa: ARG002
        """Take the password."""
        await self._faults.strike()

    async def authorize_url(self, provider: str | None = None) -> str:
        """Return the app's own address: there is no page to sign in at."""
        await self._faults.strike()
        return f"callback?debug=1&code=debug&provider={provider or ''}"

    async def totp_is_on(self) -> bool:
        """Tell whether an authenticator app was set up."""
        await self._faults.strike()
        return self._totp

    async def begin_totp(self) -> TotpSetup:
        """Make up a secret; an authenticator app takes it."""
        await self._faults.strike()
        email = self.account.email if self.account else ""
        return totp_setup(email, base64.b32encode(secrets.token_bytes(20)).decode())

    async def confirm_totp(self, code: str) -> None:
        """Want codes from now on."""
        await self._faults.strike()
        _check(code)
        self._totp = True

    async def disable_totp(self) -> None:
        """Want codes no more."""
        await self._faults.strike()
        self._totp = False

    async def sign_out(self, *, everywhere: bool = False) -> None:  # noqa: ARG002
        """Forget who it was."""
        self._now(None)

    def _enter(self, email: str) -> Account:
        account = Account("debug", email)
        self._now(account)
        return account

    def _now(self, account: Account | None) -> None:
        self.account = account
        for listener in list(self.listeners):
            listener(account)


def _check(code: str) -> None:
    if code == WRONG_CODE:
        raise InvalidError("That code is not right.", {"code": "is not right, or too old"})
