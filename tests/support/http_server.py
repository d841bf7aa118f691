"""A small HTTP/1.1 server for emulators: one thread for each connection, nothing between it and the socket.

It blocks where it waits. So it takes no processor time while the program under test works, and a request is
seen as soon as its last byte is here.
"""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_HEAD_ENDS = b"\r\n\r\n"
_RECEIVE_BYTES = 65536


@dataclass(frozen=True)
class Request:
    """What a client sent.

    Parameters
    ----------
    method, path
        As they stand in the first line.
    headers
        By their names in lower case.
    body
        Without its transfer encoding.
    arrived_at
        When its last byte was read (`time.monotonic()`).
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    arrived_at: float


@dataclass(eq=False)
class Connection:
    """A client's connection."""

    socket: socket.socket
    _received: bytes = field(default=b"", init=False)

    def encrypt(self, tls: ssl.SSLContext) -> bool:
        """Shake hands; return whether the client did, too."""
        try:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        except OSError:
            return False
        return True

    def read(self) -> Request | None:
        """Wait for the next request; return None when the client is gone."""
        try:
            return self._read()
        except OSError:
            return None

    def send(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> float:
        """Answer; return when the answer went out (`time.monotonic()`). A client that is gone is no error."""
        return self.send_raw(encode(status, body, headers))

    def send_raw(self, answer: bytes) -> float:
        """Send bytes as they are; return when."""
        now = time.monotonic()
        with contextlib.suppress(OSError):
            self.socket.sendall(answer)
        return now

    def close(self) -> None:
        """Hang up."""
        # A shutdown first: it wakes the thread that reads.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def reset(self) -> None:
        """Hang up with a reset, as a machine does that lost its memory of the connection."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _read(self) -> Request | None:
        while (end := self._received.find(_HEAD_ENDS)) < 0:
            if not self._receive():
                return None
        first, *lines = self._received[:end].decode("latin-1").split("\r\n")
        method, path, _version = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self._received = self._received[end + len(_HEAD_ENDS) :]
        if "expect" in headers:
            self.send_raw(b"HTTP/1.1 100 Continue\r\n\r\n")
        chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        body = self._chunks() if chunked else self._take(int(headers.get("content-length", 0)))
        return None if body is None else Request(method, path, headers, body, time.monotonic())

    def _chunks(self) -> bytes | None:
        body = b""
        while True:
            while (end := self._received.find(b"\r\n")) < 0:
                if not self._receive():
                    return None
            size = int(self._received[:end].partition(b";")[0], 16)
            self._received = self._received[end + 2 :]
            chunk = self._take(size + 2)  # with the line's end after it
            if chunk is None:
                return None
            if not size:
                return body
            body += chunk[:-2]

    def _take(self, size: int) -> bytes | None:
        while len(self._received) < size:
            if not self._receive():
                return None
        taken, self._received = self._received[:size], self._received[size:]
        return taken

    def _receive(self) -> bool:
        data = self.socket.recv(_RECEIVE_BYTES)
        self._received += data
        return bool(data)


class Server:
    """Listens on the loopback interface and gives each connection to a function, in a thread of its own.

    Parameters
    ----------
    serve
        Reads a connection's requests and answers them, until there are no more.
    port
        0 for any that is free.
    tls
        Encrypts the connections, if they are to be.
    """

    def __init__(
        self, serve: Callable[[Connection], None], port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._serve = serve
        self._tls = tls
        self._connections: set[Connection] = set()
        self._lock = threading.Lock()
        self._open = True
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True, name=f"accept-{self.port}").start()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        """Listen no longer, and hang up on everybody."""
        with self._lock:
            self._open = False
            connections = list(self._connections)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # it wakes the thread that accepts
        self._listener.close()
        for connection in connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(accepted)
            with self._lock:
                if not self._open:
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(target=self._attend, args=[connection], daemon=True).start()

    def _attend(self, connection: Connection) -> None:
        try:
            if self._tls is None or connection.encrypt(self._tls):
                self._serve(connection)
        finally:
            connection.close()
            with self._lock:
                self._connections.discard(connection)


def encode(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Return an answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body
