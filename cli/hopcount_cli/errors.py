"""What ends a command with one line instead of a traceback.

::

    CommandError             what was asked for cannot be done; exit code 2
    ├── UsageError           it was not asked for in a way that can be understood
    ├── DeploymentError      there is no such deployment, or it lacks something
    ├── StandstillError      the folder could not be kept out for as long as it takes
    ├── PartialError         some of it failed, and was told already; exit code 1
    ├── ApiError             the service refused (`problem`); exit code 4 where it failed
    ├── SessionError         nobody is signed in, or the session is over; exit code 3
    └── NetworkError         the service cannot be reached; exit code 4
"""

from collections.abc import Mapping
from typing import Any

SOME_FAILED = 1
REFUSED = 2
NOT_SIGNED_IN = 3
UNREACHABLE = 4
INTERRUPTED = 130


class CommandError(Exception):
    """Base of everything that is told in one line.

    Attributes
    ----------
    exit_code
        What the command then exits with.
    """

    exit_code = REFUSED


class UsageError(CommandError):
    """Options that make no sense, or not together."""


class DeploymentError(CommandError):
    """No such deployment, or one that does not export what is needed."""


class StandstillError(CommandError):
    """Counting could not be held still for as long as it takes to look."""


class PartialError(CommandError):
    """Some of it failed."""

    exit_code = SOME_FAILED


class SessionError(CommandError):
    """Nobody is signed in, or the session is over."""

    exit_code = NOT_SIGNED_IN


class NetworkError(CommandError):
    """The service cannot be reached, or what answers is not it."""

    exit_code = UNREACHABLE


class ApiError(CommandError):
    """The service refused, or failed.

    Parameters
    ----------
    problem
        Problem details (RFC 9457): `type`, `title`, `status`, `detail`, `errors`, `retryAfter` in seconds.
    """

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(describe(problem))
        self.problem = dict(problem)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.problem.get("status") or 0)

    @property
    def kind(self) -> str:
        """The problem's stable name, for instance `not-found`."""
        return str(self.problem.get("type") or "").rpartition(":")[2]

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """4 if the service failed, 2 if it refused."""
        return UNREACHABLE if self.status >= 500 else REFUSED


def describe(problem: Mapping[str, Any]) -> str:
    """Tell a problem in one line: what is wrong, field by field if known, and when to try again."""
    fields = [
        f"{error.get('field')}: {error.get('message')}"
        for error in problem.get("errors") or ()
        if isinstance(error, Mapping)
    ]
    what = "; ".join(fields) or str(problem.get("detail") or problem.get("title") or "refused")
    status = int(problem.get("status") or 0)
    if status >= 500:
        what = f"the service failed ({status}): {what}"
    retry_after = problem.get("retryAfter")
    return f"{what}; try again in {retry_after} s" if retry_after else what
