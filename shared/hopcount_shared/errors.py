"""What can go wrong, independent of how it is told (`http.py` maps these to problem details).

::

    HopcountError
    ├── MalformedRequestError      the request cannot be read at all
    ├── InvalidInputError          it can be read, but fields are wrong (`errors`)
    ├── UnauthenticatedError       nobody, or a token that is not for this
    ├── ForbiddenError             somebody, asking for what nobody in their place may
    ├── NotFoundError              not there, or not theirs: never told apart
    ├── ConflictError              it contradicts what is there
    ├── GoneError                  it was there, and is deleted or expired
    ├── PreconditionFailedError    it changed since the caller read it
    ├── UnsupportedMediaTypeError  a body of a kind that is not understood
    ├── QuotaExceededError         too much, for now (`retry_after`)
    ├── UnavailableError           not now, through no fault of the caller (`retry_after`)
    ├── MessageRejectedError       an event that will never be understood: dead-letter it
    ├── PublishError               events that the bus did not take (`failed`)
    └── SettingsError              the environment is incomplete or wrong
"""

from collections.abc import Sequence


class HopcountError(Exception):
    """Any error that Hopcount raises on purpose."""


class MalformedRequestError(HopcountError):
    """The request cannot be read: broken JSON, broken text."""


class FieldError:
    """One field that is wrong, and why, in words for its sender.

    No dataclass: the redirect imports this module while a visitor waits, and `dataclasses` takes 5 ms.

    Parameters
    ----------
    field
        Dotted path as the sender wrote it, for instance `originalUrl`.
    message
        What would be right.
    """

    __slots__ = ("field", "message")

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldError) and (self.field, self.message) == (other.field, other.message)

    def __hash__(self) -> int:
        return hash((self.field, self.message))

    def __repr__(self) -> str:
        return f"FieldError({self.field!r}, {self.message!r})"


class InvalidInputError(HopcountError):
    """One or more fields are wrong. Nothing was changed."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = tuple(errors)


class UnauthenticatedError(HopcountError):
    """No caller, or a token that is not meant for this API."""


class ForbiddenError(HopcountError):
    """The caller is known, and may not."""


class NotFoundError(HopcountError):
    """There is no such thing, or it belongs to somebody else."""


class ConflictError(HopcountError):
    """The request contradicts what is there."""


class GoneError(HopcountError):
    """It was there, and is not any more."""


class PreconditionFailedError(HopcountError):
    """It changed since the caller read it."""


class UnsupportedMediaTypeError(HopcountError):
    """The body's content type is not understood."""


class _RetryLaterError(HopcountError):
    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QuotaExceededError(_RetryLaterError):
    """Too many, for now; `retry_after` says for how many seconds."""


class UnavailableError(_RetryLaterError):
    """Something Hopcount needs does not answer; `retry_after` is a guess in seconds."""


class MessageRejectedError(HopcountError):
    """A message that no retry will make understood: it belongs in a dead-letter queue."""


class PublishError(HopcountError):
    """The bus did not take some events, whatever was tried; `failed` holds their ids."""

    def __init__(self, failed: Sequence[str]) -> None:
        super().__init__(f"{len(failed)} events not published")
        self.failed = tuple(failed)


class SettingsError(HopcountError):
    """The environment lacks something, or holds something that cannot be."""
