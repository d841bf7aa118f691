"""A server that answers as a test tells it, byte by byte."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import trustme


@dataclass(frozen=True)
class Request:
    """What a client sent: the first line, headers by their names in lower case, and the body."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Visitor:
    """A client's connection, from the server's side."""

    socket: socket.socket
    received: bytes = field(default=b"", init=False)
    left: threading.Event = field(default_factory=threading.Event, init=False)
    """Set once nobody attends to it any more: until then what the client sends may still be read."""

    def read(self) -> Request | None:
        """Return the next request, or None when the client is gone."""
        try:
            head = self._until_blank_line()
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in lines)}
            body = self._take(int(headers.get("content-length", "0")))
        except (OSError, EOFError):
            return None
        return Request(first, headers, body)

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self.socket.sendall(data)

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def reset(self) -> None:
        """Hang up as a machine does that knows nothing of this connection."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.shutdown(socket.SHUT_RD)  # wakes who reads
        self.socket.close()

    def await_end(self) -> None:
        """Wait until the client hangs up."""
        with contextlib.suppress(OSError):
            while self.socket.recv(65536):
                pass

    def _until_blank_line(self) -> bytes:
        while b"\r\n\r\n" not in self.received:
            self._receive()
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        return head

    def _take(self, length: int) -> bytes:
        while len(self.received) < length:
            self._receive()
        body, self.received = self.received[:length], self.received[length:]
        return body

    def _receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self.received += data


Act = bytes | Callable[[Visitor], None]
"""What is done with a request once it is read: bytes are sent as they are."""


class ScriptedServer:
    """Does one act after the other, one for each request on whatever connection; then hangs up on everybody.

    Parameters
    ----------
    acts
        What is done.
    tls
        Encrypts, if given.
    """

    def __init__(self, *acts: Act, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._acts = list(acts)
        self._tls = tls
        self._lock = threading.Lock()
        self.visitors: list[Visitor] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def then(self, *acts: Act) -> None:
        """Add acts."""
        with self._lock:
            self._acts += acts

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for visitor in self.visitors:
            visitor.hang_up()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._attend, args=[accepted], daemon=True)
            self._threads.append(thread)
            thread.start()

    def _attend(self, accepted: socket.socket) -> None:
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            try:
                accepted = self._tls.wrap_socket(accepted, server_side=True)
            except OSError:
                accepted.close()
                return
        visitor = Visitor(accepted)
        self.visitors.append(visitor)
        while (request := visitor.read()) is not None:
            with self._lock:
                self.requests.append(request)
                act = self._acts.pop(0) if self._acts else None
            if act is None:
                break
            if isinstance(act, bytes):
                visitor.send(act)
            else:
                act(visitor)
        visitor.hang_up()
        visitor.left.set()


def answer(body: bytes = b"{}", status: int = 200, **headers: str) -> bytes:
    """An answer as AWS gives it; `x_amzn_errortype="..."` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [
        f"HTTP/1.1 {status} OK",
        *(f"{name}: {value}" for name, value in named.items()),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def certified(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Make what a server proves with that it has these names, or else that it is 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
    return context


def then_hang_up(data: bytes) -> Act:
    """Send these bytes, and close the connection."""

    def act(visitor: Visitor) -> None:
        visitor.send(data)
        visitor.hang_up()

    return act


def then_wait(data: bytes) -> Act:
    """Send these bytes, and nothing more until the client hangs up."""

    def act(visitor: Visitor) -> None:
        visitor.send(data)
        visitor.await_end()

    return act


def reset(visitor: Visitor) -> None:
    """Reset the connection."""
    visitor.reset()
