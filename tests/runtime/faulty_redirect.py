"""The redirect with faults from within, which a test asks for in a visit's headers.

It runs in the sandbox, beside the function: nothing of this repository's tests can be imported here.

- `x-fault: raise` and `x-fault: exit`: handing the click on raises `RuntimeError`, or `SystemExit`.
- `x-fault: thread`: the thread that works after responses dies before this one.
- `x-key`: from now on the environment has this access key.
"""

from __future__ import annotations

import os
import sys

from redirect import bootstrap, extension
from redirect.handlers import redirect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def handler(event: dict[str, Any], context: Any) -> Any:
    """Do what the headers ask for, and then what the function does."""
    headers = event["headers"]
    if "x-key" in headers:
        os.environ["AWS_ACCESS_KEY_ID"] = headers["x-key"]
    if headers.get("x-fault") == "thread":
        _kill_thread()
    if "x-fault" in headers:
        _break_clicks(headers["x-fault"])
    return redirect.handler(event, context)


def list_modules(event: dict[str, Any], context: Any) -> list[str]:
    """Do what the function does; answer with the modules that are imported when its answer is ready."""
    after_response = bootstrap.application().after_response
    modules: list[str] = []

    def end(*told: Any) -> None:
        modules.extend(sorted(sys.modules))
        del after_response.end  # the class has it still
        after_response.end(*told)

    after_response.end = end
    redirect.handler(event, context)
    return modules


def _break_clicks(fault: str) -> None:
    clicks = bootstrap.application().clicks
    if fault not in {"raise", "exit"}:
        return

    def fail(*_: object) -> None:
        del clicks.record  # only once: the class has it still
        raise SystemExit if fault == "exit" else RuntimeError

    clicks.record = fail


def _kill_thread() -> None:
    """Let the thread stumble, and then over the log line that it writes about it."""
    after_response, log = bootstrap.application().after_response, extension.log

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    extension.log = die
    after_response._ended.put(None)
    after_response._thread.join()
    extension.log = log
