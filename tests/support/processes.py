"""The local AWS's Lambda workers, as the operating system sees them."""

import os
import signal
from pathlib import Path


def workers_of(function: str) -> list[int]:
    """Return the process ids of the warm sandboxes of a function, by its name."""
    wanted = f"AWS_LAMBDA_FUNCTION_NAME={function}".encode()
    processes = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [int(process.name) for process in processes if wanted in _environment(process)]


def _environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it ended meanwhile, or is not ours
        return []


def kill_workers(function: str) -> int:
    """Kill every sandbox of a function, as a crash would; return how many there were."""
    victims = workers_of(function)
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    return len(victims)
