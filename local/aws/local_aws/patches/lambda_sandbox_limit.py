"""A burst of invocations shares a few sandboxes instead of starting one each.

AWS
    Starts as many sandboxes as there are invocations at once, each on a processor of its own.
MiniStack
    Does the same on this machine: a burst of sixteen starts sixteen interpreters on a few cores, and the last
    of them is ready long after the gateway's thirty seconds.
Here
    A function with `SANDBOXES` busy ones waits for the first to be free, as a reserved concurrency with
    patient callers would. After `PATIENCE` a further one is started all the same, so that a function which
    waits for itself cannot stand still for ever.
"""

import os
import threading
import time
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local_aws.patching import Patch, Target

SANDBOXES = max(4, 2 * (os.cpu_count() or 1))
PATIENCE = 20.0

_released = threading.Condition()
_acquire = lambda_runtime.acquire_worker
_release = lambda_runtime.release_worker


def acquire_worker(
    func_name: str, config: dict[str, Any], code_zip: bytes, qualifier: str = "$LATEST", **limits: Any
) -> tuple[Any, str]:
    """Lease a free sandbox, or a new one unless the function has enough that will soon be free."""
    key = lambda_runtime._worker_key(func_name, config, qualifier)
    deadline = time.monotonic() + PATIENCE
    with _released:
        while _all_busy(key) and (left := deadline - time.monotonic()) > 0:
            _released.wait(left)
        leased: tuple[Any, str] = _acquire(func_name, config, code_zip, qualifier=qualifier, **limits)
        return leased


def _all_busy(key: str) -> bool:
    with lambda_runtime._lock:
        sandboxes = lambda_runtime._workers.get(key, [])
        return len(sandboxes) >= SANDBOXES and all(sandbox.in_use for sandbox in sandboxes)


def release_worker(worker: Any) -> None:
    """Give a sandbox back, and let one that waits have it."""
    _release(worker)
    with _released:
        _released.notify_all()


def apply() -> None:
    """Put both in the place of the emulator's own, which it imports by name."""
    for module in (lambda_runtime, lambda_svc):
        module.acquire_worker = acquire_worker
        module.release_worker = release_worker


PATCH = Patch(
    name="lambda-sandbox-limit",
    targets=(
        Target("ministack.core.lambda_runtime", "acquire_worker", "5017d144adb5"),
        Target("ministack.core.lambda_runtime", "release_worker", "25d5dd7d42b6"),
        Target("ministack.core.lambda_runtime", "_worker_key", "0537100beb43"),
        Target("ministack.core.lambda_runtime", "invalidate_worker", "1be5d7f769f5"),
    ),
    apply=apply,
)
