"""TCP ports of this machine."""

import contextlib
import socket


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listened on a moment ago, no two alike."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]


def listens(port: int) -> bool:
    """Tell whether somebody listens."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False
