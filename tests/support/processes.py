"""The local AWS's Lambda workers, as the operating system sees them."""

import os
import signal
from pathlib import Path

from tests.support.stack import Stack


def workers_of(stack: Stack, function: str) -> list[int]:
    """Return the process ids of this stack's warm sandboxes of a function."""
    wanted = {
        f"AWS_LAMBDA_FUNCTION_NAME={function}".encode(),
        f"AWS_ENDPOINT_URL={stack.outputs['awsEndpointUrl']}".encode(),
    }
    processes = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [int(process.name) for process in processes if wanted <= _environment(process)]


def _environment(process: Path) -> set[bytes]:
    try:
        return set((process / "environ").read_bytes().split(b"\0"))
    except OSError:  # it ended meanwhile, or is not ours
        return set()


def kill_workers(stack: Stack, function: str) -> int:
    """Kill every sandbox of a function, as a crash would; return how many there were."""
    victims = workers_of(stack, function)
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    return len(victims)
