"""Take one snapshot in a forked copy of the process.

The copy sees every service as of one instant and has no other thread that could change it, so it needs no
locks and copies nothing. It must touch nothing that it shares with the emulator: no sockets, no log, no exit
handlers.
"""

import copy
import gc
import json
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from local_aws.state.store import SnapshotStore

LONGEST_SECONDS = 60.0
# Below everything that serves a request.
NICENESS = 5
_LOCK_TYPES = (type(threading.Lock()), type(threading.RLock()))

Files = Mapping[str, bytes]
Value = TypeVar("Value")


class SnapshotError(RuntimeError):
    """The copy failed or did not finish; the snapshot before it is still the current one."""


@dataclass(frozen=True)
class Taken:
    """What a snapshot did and cost.

    Parameters
    ----------
    changed
        Whether there was anything new.
    pause_seconds
        How long the emulator stood still.
    work_seconds
        Processor time of the copy. The clock would say how busy others were.
    new_bytes
        What was written.
    total_bytes
        How large the whole state is.
    """

    changed: bool
    pause_seconds: float
    work_seconds: float
    new_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class Writer:
    """The forked copy, as its parent sees it."""

    process_id: int
    answer: int
    pause_seconds: float


def fork_writer(
    store: SnapshotStore, collect: Callable[[], Files], keep_open: tuple[int, ...] = ()
) -> Writer:
    """Fork a copy that writes what `collect` returns. The caller's thread must own the state just now.

    Parameters
    ----------
    store
        Where the snapshot goes.
    collect
        Called in the copy.
    keep_open
        File descriptors the copy must hold while it writes: the lock on the folder.
    """
    started = time.monotonic()
    reading, writing = os.pipe()
    process_id = os.fork()
    if process_id == 0:
        _work_and_exit(store, collect, writing, {writing, *keep_open})
    os.close(writing)
    return Writer(process_id, reading, time.monotonic() - started)


def await_writer(writer: Writer, longest: float = LONGEST_SECONDS) -> Taken:
    """Wait for the copy to finish.

    Raises
    ------
    SnapshotError
        With the reason that the copy gave, or because it took too long and was killed.
    """
    started = time.monotonic()
    answer = b""
    try:
        while True:
            left = started + longest - time.monotonic()
            if left <= 0 or not select.select([writer.answer], [], [], left)[0]:
                os.kill(writer.process_id, signal.SIGKILL)
                raise SnapshotError(f"not finished after {longest:.0f} s")
            part = os.read(writer.answer, 65536)
            if not part:
                break
            answer += part
    finally:
        os.close(writer.answer)
        os.waitpid(writer.process_id, 0)
    if not answer:
        raise SnapshotError("the copy died without an answer")
    result = json.loads(answer)
    if "error" in result:
        raise SnapshotError(result["error"])
    return Taken(pause_seconds=writer.pause_seconds, **result)


def _work_and_exit(store: SnapshotStore, collect: Callable[[], Files], answer: int, keep: set[int]) -> None:
    """Write the snapshot and leave without running anything the emulator registered for its own exit."""
    try:
        started = time.process_time()
        _detach(keep)
        written = store.write(collect())
        result: dict[str, object] = {
            "changed": written.changed,
            "new_bytes": written.new_bytes,
            "total_bytes": written.total_bytes,
            "work_seconds": time.process_time() - started,
        }
    except BaseException:  # noqa: BLE001  # whatever it is, the parent must hear of it and this process must end
        result = {"error": traceback.format_exc(limit=-4)}
    try:
        os.write(answer, json.dumps(result).encode())
    finally:
        os._exit(0)


def _detach(keep: set[int]) -> None:
    """Let go of everything shared with the emulator."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    # A listening socket held here would keep the port busy after the emulator was killed.
    edges = sorted({2, *keep})
    for low, high in zip(edges, [*edges[1:], os.sysconf("SC_OPEN_MAX")], strict=True):
        os.closerange(low + 1, high)
    os.nice(NICENESS)
    gc.disable()
    _free_locks()
    # The services copy their state to be safe from each other's threads. This whole process is such a copy.
    copy.deepcopy = _itself


def _itself(x: Value, memo: dict[int, Any] | None = None, _nil: Any = None) -> Value:
    del memo, _nil
    return x


def _free_locks() -> None:
    """Unlock what threads that do not exist in the copy were holding."""
    for name, module in list(sys.modules.items()):
        if name.startswith("ministack"):
            for value in list(vars(module).values()):
                if isinstance(value, _LOCK_TYPES):
                    # What threading does for its own locks after a fork; typeshed does not list it.
                    getattr(value, "_at_fork_reinit")()  # noqa: B009
