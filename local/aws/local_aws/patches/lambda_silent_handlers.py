"""A Lambda function that logs nothing answers at once.

AWS
    The response leaves when the handler returns; its log follows on its own.
MiniStack
    Waits up to 50 ms after every invocation for a first line on standard error.
Here
    Looks four times, a millisecond apart: a silent handler costs almost nothing. Looks are counted instead of
    milliseconds, since on a busy machine one sleep may take them all before the reader thread had its turn.
    None is the last while something unread is in the pipe, or it would wait for the next invocation.
"""

import fcntl
import termios
import time

from ministack.core import lambda_runtime

from local_aws.patching import Patch, targets_in

PAUSE_SECONDS = 0.001
FIRST_LINE_LOOKS = 4
QUIET_LOOKS = 2
MOST_LOOKS = 250


def drain(worker: lambda_runtime.Worker, first_line_wait: float = FIRST_LINE_LOOKS * PAUSE_SECONDS) -> str:
    """Return what the handler logged, when nothing more seems to come."""
    lines: list[str] = []
    idle, patience = 0, round(first_line_wait / PAUSE_SECONDS)
    for _ in range(MOST_LOOKS):
        if found := worker._drain_stderr():
            lines.append(found)
            idle, patience = 0, QUIET_LOOKS
        elif idle == patience and not is_unread(worker):
            break
        else:
            idle = min(idle + 1, patience)
            time.sleep(PAUSE_SECONDS)
    return "\n".join(lines)


def is_unread(worker: lambda_runtime.Worker) -> bool:
    """Tell whether the handler logged something that is still in its pipe."""
    pipe = worker._proc and (worker._proc.stderr or worker._proc.stdout)
    try:
        return bool(pipe) and any(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))
    except (OSError, ValueError):  # it is closed
        return False


def apply() -> None:
    """Put the looks in the place of the wait."""
    lambda_runtime.Worker._drain_stderr_bounded = drain


PATCH = Patch(
    name="lambda-silent-handlers",
    targets=targets_in(
        "ministack.core.lambda_runtime",
        {"Worker._drain_stderr_bounded": "3fd7cc742872", "Worker._drain_stderr": "71498e9146ca"},
    ),
    apply=apply,
)
