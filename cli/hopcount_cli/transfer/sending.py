"""Rows to the service: in chunks that may be sent again, with patience for quotas and networks."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from hopcount_cli.errors import INTERRUPTED, ApiError, CommandError, NetworkError, describe

CHUNK = 500
"""Rows in a request: as many as the service takes."""

_ROUNDS = 5
_IDLE_ROUNDS = 3
_LONGEST_PAUSE_SECONDS = 60.0
_ROW_PAUSE_SECONDS = 2.0

T = TypeVar("T")
Body = Mapping[str, Any]
Pause = Callable[[float, str], None]
"""Waits so many seconds, and says why."""


class Bulk(Protocol):
    """What makes many links at once: `hopcount_cli.api.Api`."""

    def bulk(self, links: Sequence[Body], key: str) -> dict[str, Any]:
        """Make links; see there."""
        ...


class StoppedError(CommandError):
    """Somebody pressed Ctrl-C."""

    exit_code = INTERRUPTED


def chunks(things: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut into lists of one size, the last of which may be shorter."""
    iterator = iter(things)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk


def chunk_key(number: int, bodies: Sequence[Body]) -> str:
    """Return the `Idempotency-Key` of a chunk: what it holds, and the how manieth it is.

    The same input sent again finds the links that it made; the same line twice in one input makes two.
    """
    written = json.dumps([number, *bodies], sort_keys=True, ensure_ascii=False)
    return "cli-" + hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def send_chunk(api: Bulk, bodies: Sequence[Body], key: str, pause: Pause) -> list[dict[str, Any]]:
    """Make a chunk of links, whatever it takes, and return a result for each row, in their order.

    While the quota is used up, or the service had no time for all of it, it waits and sends the whole chunk
    again under the same key: its rows keep their places, so each makes its link once, also if this process
    ends meanwhile and another goes on.

    Raises
    ------
    hopcount_cli.errors.CommandError
        If the service cannot be reached for minutes, refuses the chunk as a whole, or frees no quota.
    """
    done = _post(api, bodies, key, pause)
    idle = 0
    while waiting := [result["problem"] for result in done if _may_come_yet(result)]:
        quota = next((problem for problem in waiting if _is_quota(problem)), None)
        if idle == _IDLE_ROUNDS and quota:
            raise ApiError(quota)
        if idle == _IDLE_ROUNDS:
            break
        problem = quota or waiting[0]
        why = "the quota of new links is used up" if quota else describe(problem)
        pause(max(float(problem.get("retryAfter") or _ROW_PAUSE_SECONDS), 1), why)
        done = [_better(old, new) for old, new in zip(done, _post(api, bodies, key, pause), strict=True)]
        idle = idle + 1 if sum(map(_may_come_yet, done)) == len(waiting) else 0
    return done


def _better(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return what to tell of a row that was sent twice: the second time it only exists."""
    return old if old["status"] == "created" else new


def _may_come_yet(result: Mapping[str, Any]) -> bool:
    """Say whether a row failed for a reason that passes: the quota, throttling, no time left."""
    status = int((result.get("problem") or {}).get("status") or 0)
    return result["status"] == "failed" and (status == 429 or status >= 500)


def _is_quota(problem: Mapping[str, Any]) -> bool:
    return str(problem.get("type") or "").rpartition(":")[2] == "quota-exceeded"


def _post(api: Bulk, bodies: Sequence[Body], key: str, pause: Pause) -> list[dict[str, Any]]:
    for round_ in itertools.count(1):
        try:
            return _results(api.bulk(bodies, key), len(bodies))
        except CommandError as error:
            if round_ == _ROUNDS or not _passes(error):
                raise
            problem = error.problem if isinstance(error, ApiError) else {}
            seconds = float(problem.get("retryAfter") or 0)
            pause(max(seconds, min(5.0 * 2 ** (round_ - 1), _LONGEST_PAUSE_SECONDS)), str(error))
    raise AssertionError("counting has no end")  # pragma: no cover


def _passes(error: CommandError) -> bool:
    """Say whether waiting may help."""
    if isinstance(error, ApiError):
        return error.status == 429 or error.status >= 500
    return isinstance(error, NetworkError)


def _results(answer: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    results = answer.get("results")
    if not isinstance(results, list) or len(results) != count:
        raise NetworkError("what answers is not Hopcount's API: it gives no result for each row")
    return results
