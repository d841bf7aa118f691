"""One emulator at a time owns a state folder."""

import fcntl
import os
import time
from pathlib import Path

LONGEST_SECONDS = 15.0
POLL_SECONDS = 0.05


class FolderInUseError(RuntimeError):
    """Another emulator, or the last snapshot of one that was just killed, still holds the folder."""


def own(folder: Path, longest: float = LONGEST_SECONDS) -> int:
    """Lock the folder for as long as this process, or a copy that kept the descriptor, lives.

    Returns
    -------
    int
        The descriptor that holds the lock.

    Raises
    ------
    FolderInUseError
        If the folder is not free within `longest` seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + longest
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise FolderInUseError(f"{folder} is in use by another local AWS") from error
            time.sleep(POLL_SECONDS)
        else:
            return descriptor
