"""What can go wrong between the app and a backend. Each error says in plain words what happened.

ServiceError
├── OfflineError        no endpoint could be reached
├── SessionOverError    401, or nobody is signed in
├── UnconfirmedError    the address is not proved yet
├── RateLimitedError    429
├── ForbiddenError      403
├── NotFoundError       404, 410
├── ConflictError       409, 412
├── InvalidError        400, 413, 422
└── ServerError         5xx, or an answer that cannot be understood
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(eq=False)
class ServiceError(Exception):
    """Something went wrong; `message` is for people."""

    message: str

    def __str__(self) -> str:
        """Return what is said to people."""
        return self.message


@dataclass(eq=False)
class OfflineError(ServiceError):
    """No endpoint could be reached."""

    message: str = "Hopcount cannot be reached. Are you offline?"


@dataclass(eq=False)
class SessionOverError(ServiceError):
    """Nobody is signed in, or the session is over: sign in again."""

    message: str = "Your session is over. Please sign in again."


@dataclass(eq=False)
class UnconfirmedError(ServiceError):
    """The account waits for the code that was mailed."""

    message: str = "Your address is not confirmed yet. Please enter the code that was mailed to you."


@dataclass(eq=False)
class RateLimitedError(ServiceError):
    """Too many requests (429); try again after `retry_after` seconds."""

    message: str = "That was a lot at once. Please wait a moment and try again."
    retry_after: float = 1.0


@dataclass(eq=False)
class ForbiddenError(ServiceError):
    """Refused (403): by the firewall, or for want of permission."""

    message: str = "This request was refused. You may not be allowed to do this."


@dataclass(eq=False)
class NotFoundError(ServiceError):
    """There is no such thing (404, 410), or it is somebody else's."""

    message: str = "There is no such link, or it is not yours."


@dataclass(eq=False)
class ConflictError(ServiceError):
    """Somebody else was faster (409, 412): a taken alias, or a link edited in another tab."""

    message: str = "Somebody else was faster. Please look again."


@dataclass(eq=False)
class InvalidError(ServiceError):
    """A field is wrong (400, 413, 422); `fields` maps the API's field names to what is wrong with them."""

    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class ServerError(ServiceError):
    """The backend failed (5xx), or what it said cannot be understood."""

    message: str = "Something went wrong on our side. Please try again."
