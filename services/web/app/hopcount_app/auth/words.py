"""What Cognito's refusals mean, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hopcount_app.api_service.errors import (
    InvalidError,
    RateLimitedError,
    ServerError,
    ServiceError,
    UnconfirmedError,
)

Make = Callable[[str], ServiceError]


def _wrong(field: str, message: str) -> Make:
    return lambda _: InvalidError(message, {field: message})


def _many(message: str) -> Make:
    return lambda _: RateLimitedError(message, 60.0)


_WRONG_PASSWORD = _wrong("password", "The email address or the password is wrong.")
_WRONG_CODE = _wrong("code", "That code is not right. Please check it.")


def _not_authorized(told: str) -> ServiceError:
    # The only case in which words are read: Cognito has one name for all of these.
    if "attempts exceeded" in told:
        return RateLimitedError("Too many wrong passwords. Please wait a few minutes.", 300.0)
    if "SignUp" in told or "sign up" in told.lower():
        return InvalidError("This Hopcount is by invitation only. Ask whoever runs it.")
    if "expired" in told:
        return InvalidError("That took too long. Please begin again.")
    if "disabled" in told:
        return InvalidError("This account is disabled. Ask whoever runs this Hopcount.")
    return _WRONG_PASSWORD(told)


def _refused_by_policy(told: str) -> ServiceError:
    """Tell what our own check of sign-ups says; Cognito puts its name before it."""
    reason = told.partition("failed with error ")[2].strip() or "This address is not allowed to sign up here."
    return InvalidError(reason, {"email": reason})


_BY_CODE: Mapping[str, Make] = {
    "NotAuthorizedException": _not_authorized,
    "UserNotFoundException": _WRONG_PASSWORD,
    "UserNotConfirmedException": lambda _: UnconfirmedError(),
    "PasswordResetRequiredException": lambda _: InvalidError("The password has to be set anew first."),
    "UsernameExistsException": _wrong("email", "There is an account for this address already."),
    "AliasExistsException": _wrong("email", "There is an account for this address already."),
    "UserLambdaValidationException": _refused_by_policy,
    "InvalidPasswordException": lambda told: _wrong("password", _plain(told))(told),
    "PasswordHistoryPolicyViolationException": _wrong("password", "You had this password before."),
    "CodeMismatchException": _WRONG_CODE,
    "EnableSoftwareTokenMFAException": _WRONG_CODE,
    "ExpiredCodeException": _wrong("code", "That code is too old. Please have another one sent."),
    "CodeDeliveryFailureException": _wrong("email", "The mail with the code could not be sent."),
    "LimitExceededException": _many("Too many attempts. Please wait a few minutes."),
    "TooManyRequestsException": _many("Too many attempts. Please wait a moment."),
    "TooManyFailedAttemptsException": _many("Too many wrong codes. Please wait a few minutes."),
    "InvalidParameterException": lambda told: InvalidError(_plain(told)),
}


def in_plain_words(code: str, told: str, status: int) -> ServiceError:
    """Return what one of Cognito's exceptions means.

    Parameters
    ----------
    code
        Its name.
    told
        Cognito's own words.
    status
        The HTTP status.
    """
    make = _BY_CODE.get(code)
    if make is not None:
        return make(told)
    return ServerError() if status >= 500 or not told else InvalidError(_plain(told))


def _plain(told: str) -> str:
    """Leave out what only programmers need."""
    words = told.rpartition("Password did not conform with policy: ")[2].strip()
    return words[:1].upper() + words[1:] if words else "Please check what you entered."
