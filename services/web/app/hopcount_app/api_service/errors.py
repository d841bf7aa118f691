"""What can go wrong between the app and a backend. Each error says in plain words what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class ServiceError(Exception):
    """Something went wrong; `message` is for people."""

    message: str

    def __str__(self) -> str:
        """Return what is said to people."""
        return self.message


@dataclass
class OfflineError(ServiceError):
    """No endpoint could be reached."""


@dataclass
class SessionOverError(ServiceError):
    """Nobody is signed in, or the session is over: sign in again."""


@dataclass
class RateLimitedError(ServiceError):
    """Too many requests (429); try again after `retry_after` seconds."""

    retry_after: float = 1.0


@dataclass
class ForbiddenError(ServiceError):
    """Refused (403): by the firewall, or for want of permission."""


@dataclass
class NotFoundError(ServiceError):
    """There is no such thing (404, 410), or it is somebody else's."""


@dataclass
class ConflictError(ServiceError):
    """Somebody else was faster (409, 412): a taken alias, or a link edited in another tab."""


@dataclass
class InvalidError(ServiceError):
    """A field is wrong (400, 422); `fields` maps the API's field names to what is wrong with them."""

    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ServerError(ServiceError):
    """The backend failed (5xx), or what it said cannot be understood."""
