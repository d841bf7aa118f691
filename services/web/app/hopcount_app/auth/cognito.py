"""Signing in with Cognito."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hopcount_app.api_service.errors import InvalidError, ServerError, ServiceError, SessionOverError
from hopcount_app.auth.cognito_api import CognitoApi, RefusedError
from hopcount_app.auth.managed_login import ManagedLogin
from hopcount_app.auth.service import Account, NewPasswordChallenge, TotpChallenge, TotpSetup
from hopcount_app.auth.session import Session, Tokens
from hopcount_app.auth.totp import ISSUER, totp_setup
from hopcount_app.auth.words import in_plain_words
from hopcount_cli.srp import Srp, SrpError

EARLY_SECONDS = 60.0
"""So long before it ends, a token is renewed: it has to last for the request."""

_OVER = frozenset({"NotAuthorizedException", "UserNotFoundException", "InvalidParameterException"})
"""What Cognito says of a refresh token that is revoked or too old."""


class CognitoAuth:
    """Signs people in with their user pool.

    Parameters
    ----------
    api, login
        Cognito's API, and its pages.
    session
        What this browser keeps.
    address
        Returns the address of the page, with its query.
    now
        The time, in seconds since 1970.
    """

    def __init__(
        self,
        api: CognitoApi,
        login: ManagedLogin,
        session: Session,
        address: Callable[[], str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._api = api
        self._login = login
        self._session = session
        self._address = address
        self._now = now
        self._renewing = asyncio.Lock()
        self.listeners = session.listeners

    @property
    def account(self) -> Account | None:
        """Who is signed in."""
        return self._session.account

    async def resume(self) -> Account | None:
        """Go on with a sign-in on Cognito's pages that ends here, or with what this browser keeps."""
        result = await self._login.finish(self._address())
        if result is not None:
            return await self._enter(result)
        await self._session.load()
        return self.account

    async def token(self, *, fresh: bool = False) -> str:
        """Return an access token; whoever asks while one is fetched gets the same."""
        used = self._session.tokens
        if used is not None and not fresh and self._lasts(used):
            return used.access_token
        async with self._renewing:
            known = await self._session.load()
            if known is None:
                raise SessionOverError
            # Another request, or another tab, may have renewed it meanwhile.
            if not self._lasts(known) or (fresh and used is not None and known == used):
                known = await self._renew(known)
            return known.access_token

    async def sign_up(self, email: str, password: str) -> None:
        """Ask for an account."""
        attributes = [{"Name": "email", "Value": email}]
        await self._api.call("SignUp", Username=email, Password=password, UserAttributes=attributes)

    async def confirm(self, email: str, code: str) -> None:
        """Prove the address."""
        await self._api.call("ConfirmSignUp", Username=email, ConfirmationCode=code)

    async def resend(self, email: str) -> None:
        """Send another code."""
        await self._api.call("ResendConfirmationCode", Username=email)

    async def sign_in(self, email: str, password: str) -> Account | TotpChallenge | NewPasswordChallenge:
        """Sign in by SRP: the password is proved and not sent."""
        srp = Srp((await self._api.find()).user_pool_id)
        step = await self._api.call(
            "InitiateAuth", AuthFlow="USER_SRP_AUTH", AuthParameters=srp.opening(email)
        )
        if step.get("ChallengeName") == "PASSWORD_VERIFIER":
            try:
                answers = srp.answer(
                    step["ChallengeParameters"], password, datetime.fromtimestamp(self._now(), UTC)
                )
            except (SrpError, KeyError):
                raise ServerError from None
            step = await self._respond("PASSWORD_VERIFIER", answers, step.get("Session"))
        return await self._follow(step, email)

    async def answer_totp(self, challenge: TotpChallenge, code: str) -> Account:
        """Finish a sign-in with a code of the authenticator app."""
        answers = {"USERNAME": challenge.email, "SOFTWARE_TOKEN_MFA_CODE": code.strip()}
        step = await self._respond("SOFTWARE_TOKEN_MFA", answers, challenge.session)
        return await self._enter(step.get("AuthenticationResult"))

    async def answer_new_password(
        self, challenge: NewPasswordChallenge, password: str
    ) -> Account | TotpChallenge | NewPasswordChallenge:
        """Finish the first sign-in of somebody who was invited."""
        answers = {"USERNAME": challenge.email, "NEW_PASSWORD": password}
        step = await self._respond("NEW_PASSWORD_REQUIRED", answers, challenge.session)
        return await self._follow(step, challenge.email)

    async def forgot(self, email: str) -> None:
        """Send a code for a new password; whether there is such an account is not told."""
        await self._api.call("ForgotPassword", Username=email)

    async def reset(self, email: str, code: str, password: str) -> None:
        """Set a new password with the code."""
        await self._api.call(
            "ConfirmForgotPassword", Username=email, ConfirmationCode=code.strip(), Password=password
        )

    async def change_password(self, old: str, new: str) -> None:
        """Set another password."""
        await self._as_myself("ChangePassword", PreviousPassword=old, ProposedPassword=new)

    async def authorize_url(self, provider: str | None = None) -> str:
        """Return the page to sign in at."""
        return await self._login.begin(provider)

    async def totp_is_on(self) -> bool:
        """Tell whether a code is wanted at each sign-in."""
        user = await self._as_myself("GetUser")
        return "SOFTWARE_TOKEN_MFA" in (user.get("UserMFASettingList") or ())

    async def begin_totp(self) -> TotpSetup:
        """Get a secret for an authenticator app."""
        answer = await self._as_myself("AssociateSoftwareToken")
        return totp_setup(self.account.email if self.account else "", str(answer["SecretCode"]))

    async def confirm_totp(self, code: str) -> None:
        """Prove that the authenticator app works, and want its codes from now on."""
        answer = await self._as_myself(
            "VerifySoftwareToken", UserCode=code.strip(), FriendlyDeviceName=ISSUER
        )
        if answer.get("Status") != "SUCCESS":
            raise in_plain_words("CodeMismatchException", "", 400)
        await self._prefer_totp(on=True)

    async def disable_totp(self) -> None:
        """Stop wanting codes."""
        await self._prefer_totp(on=False)

    async def sign_out(self, *, everywhere: bool = False) -> None:
        """Forget the session here, in all tabs; what cannot be reached does not keep anybody signed in."""
        if everywhere:
            await self._as_myself("GlobalSignOut")
        tokens = self._session.tokens
        await self._session.end(left=True)
        if tokens is not None and not everywhere:
            try:
                await self._api.call("RevokeToken", Token=tokens.refresh_token)
            except ServiceError:
                return  # it ends by itself, and nobody has it any more

    async def _respond(self, name: str, answers: dict[str, str], session: str | None) -> dict[str, Any]:
        more = {"Session": session} if session else {}
        return await self._api.call(
            "RespondToAuthChallenge", ChallengeName=name, ChallengeResponses=answers, **more
        )

    async def _follow(
        self, step: dict[str, Any], email: str
    ) -> Account | TotpChallenge | NewPasswordChallenge:
        """Go on with what Cognito asks for next, or in."""
        name, session = step.get("ChallengeName"), str(step.get("Session") or "")
        if name == "SOFTWARE_TOKEN_MFA":
            return TotpChallenge(email, session)
        if name == "NEW_PASSWORD_REQUIRED":
            return NewPasswordChallenge(email, session)
        if name is not None:
            raise InvalidError("This account asks for something that only the sign-in page can do.")
        return await self._enter(step.get("AuthenticationResult"))

    async def _enter(self, result: dict[str, Any] | None) -> Account:
        tokens = Tokens.first(result or {}, self._now())
        await self._session.keep(tokens)
        return tokens.account

    async def _as_myself(self, action: str, **body: Any) -> dict[str, Any]:
        """Call an action with an access token; one that Cognito takes for over is replaced once."""
        try:
            return await self._api.ask(action, AccessToken=await self.token(), **body)
        except RefusedError as error:
            if not (error.code == "NotAuthorizedException" and "Access Token" in error.told):
                raise in_plain_words(error.code, error.told, error.status) from None
        return await self._api.call(action, AccessToken=await self.token(fresh=True), **body)

    async def _prefer_totp(self, *, on: bool) -> None:
        await self._as_myself(
            "SetUserMFAPreference", SoftwareTokenMfaSettings={"Enabled": on, "PreferredMfa": on}
        )

    def _lasts(self, tokens: Tokens) -> bool:
        return tokens.expires_at - self._now() > EARLY_SECONDS

    async def _renew(self, known: Tokens) -> Tokens:
        try:
            answer = await self._api.ask(
                "InitiateAuth",
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": known.refresh_token},
            )
        except RefusedError as error:
            if error.code not in _OVER:
                raise in_plain_words(error.code, error.told, error.status) from None
            await self._session.end(left=False)
            raise SessionOverError from None
        try:
            renewed = known.renewed(answer["AuthenticationResult"], self._now())
        except (KeyError, TypeError, ValueError):
            raise ServerError from None
        await self._session.keep(renewed)
        return renewed
