"""Signing up and in: what Cognito asks, one challenge after the other."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hopcount_cli.cognito import Cognito, CognitoError
from hopcount_cli.credentials import Account, with_tokens
from hopcount_cli.discovery import Deployment
from hopcount_cli.errors import CommandError, NetworkError, SessionError, UsageError
from hopcount_cli.srp import Srp, SrpError

_TRIES = 3


@dataclass(frozen=True)
class Questions:
    """How to ask for what only the user knows.

    Parameters
    ----------
    one_time_code
        For the six digits that their authenticator shows.
    new_password
        For a password instead of the one that they were invited with.
    """

    one_time_code: Callable[[], str]
    new_password: Callable[[], str]


def sign_in(
    cognito: Cognito, deployment: Deployment, email: str, password: str, questions: Questions
) -> Account:
    """Sign in with a password, which is proved and not sent, and with whatever else is asked for.

    Raises
    ------
    hopcount_cli.errors.SessionError
        If the sign-in fails.
    """
    srp = Srp(deployment.user_pool_id)
    try:
        step = cognito.call("InitiateAuth", AuthFlow="USER_SRP_AUTH", AuthParameters=srp.opening(email))
        while "AuthenticationResult" not in step:
            step = _answer(cognito, step, srp, password, questions)
    except CognitoError as error:
        raise _refusal(error, email) from None
    except SrpError as error:
        raise NetworkError(f"the sign-in was stopped: {error}") from None
    return account(deployment, step["AuthenticationResult"])


def account(deployment: Deployment, tokens: dict[str, Any]) -> Account:
    """Return whom tokens are of.

    The ID token says so. It came from Cognito itself over TLS, and nothing here is decided by it.
    """
    claims = _claims(tokens["IdToken"])
    empty = Account(
        base_url=deployment.base_url,
        email=str(claims.get("email", "")),
        user_id=str(claims.get("sub", "")),
        cognito_endpoint=deployment.cognito_endpoint,
        client_id=deployment.client_id,
        access_token="",
        refresh_token="",
        expires_at=0,
    )
    return with_tokens(empty, tokens, time.time())


def _answer(
    cognito: Cognito, step: dict[str, Any], srp: Srp, password: str, questions: Questions
) -> dict[str, Any]:
    """Answer one challenge; return the next, or the tokens."""
    name = str(step.get("ChallengeName"))
    asked = step.get("ChallengeParameters") or {}
    if name == "PASSWORD_VERIFIER":
        return _respond(cognito, step, srp.answer(asked, password, datetime.now(UTC)))
    username = str(asked.get("USER_ID_FOR_SRP") or asked.get("USERNAME") or step.get("username") or "")
    if name == "SOFTWARE_TOKEN_MFA":
        return _second_factor(cognito, step, username, questions.one_time_code)
    if name == "NEW_PASSWORD_REQUIRED":
        given = {"USERNAME": username, "NEW_PASSWORD": questions.new_password()}
        return _respond(cognito, step, given)
    raise CommandError(
        f"this sign-in asks for {name}, which only a browser can answer: hopcount login --browser"
    )


def _second_factor(
    cognito: Cognito, step: dict[str, Any], username: str, ask: Callable[[], str]
) -> dict[str, Any]:
    for left in reversed(range(_TRIES)):
        try:
            return _respond(cognito, step, {"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": ask()})
        except CognitoError as error:
            if error.code != "CodeMismatchException" or not left:
                raise
    raise AssertionError("the last try returns or raises")  # pragma: no cover


def _respond(cognito: Cognito, step: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    session = {"Session": step["Session"]} if step.get("Session") else {}
    following = cognito.call(
        "RespondToAuthChallenge", ChallengeName=step["ChallengeName"], ChallengeResponses=answers, **session
    )
    return {"username": answers["USERNAME"], **following}


def _refusal(error: CognitoError, email: str) -> CommandError:
    if error.code == "UserNotConfirmedException":
        return SessionError(f"{email} is not confirmed yet: hopcount signup --email {email} --code CODE")
    if error.code == "PasswordResetRequiredException":
        return SessionError("the password has to be reset first: hopcount login --browser")
    if error.code == "CodeMismatchException":
        return SessionError("that is not the code that the authenticator shows now")
    if error.code in {"NotAuthorizedException", "UserNotFoundException"}:
        told = (
            str(error) if "xpired" in str(error) or "xceeded" in str(error) else "wrong address or password"
        )
        return SessionError(told)
    return error if error.exit_code != 2 else SessionError(str(error))


def sign_up(cognito: Cognito, email: str, password: str) -> None:
    """Make an account, which waits for a mailed code.

    Raises
    ------
    hopcount_cli.errors.UsageError
        If the address or the password is refused.
    """
    attributes = [{"Name": "email", "Value": email}]
    try:
        cognito.call("SignUp", Username=email, Password=password, UserAttributes=attributes)
    except CognitoError as error:
        if error.code == "UsernameExistsException":
            raise UsageError(f"there is an account for {email} already: hopcount login") from None
        if error.code == "NotAuthorizedException":
            raise UsageError("this Hopcount is by invitation only: ask whoever runs it") from None
        raise


def confirm(cognito: Cognito, email: str, code: str) -> bool:
    """Confirm an account with a mailed code; return whether it was the right one."""
    try:
        cognito.call("ConfirmSignUp", Username=email, ConfirmationCode=code)
    except CognitoError as error:
        if error.code in {"CodeMismatchException", "ExpiredCodeException"}:
            return False
        raise
    return True


def _claims(token: str) -> dict[str, Any]:
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        raise NetworkError("what signs in gave a token that cannot be read") from None
    return claims if isinstance(claims, dict) else {}
