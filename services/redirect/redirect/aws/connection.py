"""HTTP/1.1 to one host over a connection that is kept: as much of it as AWS's JSON services speak."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from time import monotonic

from redirect.aws.endpoints import Endpoint
from redirect.aws.errors import UnansweredError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext

HEAD_BYTES = 32 * 1024
"""The longest head of an answer that is read."""

BODY_BYTES = 2 * 1024 * 1024
"""The longest body: more than any item of DynamoDB, in JSON."""

_ANSWER_BYTES = HEAD_BYTES + 2 * BODY_BYTES
"""All that is read for one answer, whatever surrounds its chunks."""

_CHUNK = 16 * 1024
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")
_FRAMING = frozenset({"content-length", "transfer-encoding"})


class Answer:
    """What came back.

    Parameters
    ----------
    status
        HTTP status.
    headers
        By lower-case name.
    body
        As it came.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


class Connection:
    """One connection, opened when it is needed and again when it is gone.

    Parameters
    ----------
    endpoint
        Where to.
    connect_seconds
        For opening it, the TLS handshake included.
    read_seconds
        For an answer, from the request's last byte to the answer's; None to wait for ever.
    tls
        How the other side's certificate is verified; needed where the endpoint is encrypted.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        connect_seconds: float,
        read_seconds: float | None,
        tls: SSLContext | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._tls = tls
        self._socket: socket.socket | None = None

    def open(self, deadline: float | None = None) -> None:
        """Connect, unless it is connected.

        Raises
        ------
        UnansweredError
            If it cannot be.
        """
        if self._socket is None:
            self._socket = self._connect(deadline)

    def _connect(self, deadline: float | None) -> socket.socket:
        endpoint = self._endpoint
        name = endpoint.host.encode()  # text would be encoded by IDNA: a millisecond to import
        if endpoint.tls and self._tls is None:
            raise UnansweredError("an encrypted endpoint, and nothing to verify it with")
        started = None
        try:
            limit = monotonic() + _least(self._connect_seconds, _left(deadline))
            started = _connect(name, endpoint.port, limit)
            started.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None and endpoint.tls:
                started.settimeout(_left(limit))
                started = self._tls.wrap_socket(started, server_hostname=name)
        except (OSError, ValueError) as error:  # ssl.SSLError is the one, a name that is none the other
            if started is not None:
                started.close()
            raise UnansweredError(f"no connection: {type(error).__name__}") from error
        return started

    def close(self) -> None:
        """Hang up."""
        opened, self._socket = self._socket, None
        if opened is not None:
            opened.close()

    def exchange(self, request: bytes, deadline: float | None) -> Answer:
        """Send a request and return its answer.

        Parameters
        ----------
        request
            Head and body.
        deadline
            By `time.monotonic`: when to give up whatever the connection's own patience is.

        Raises
        ------
        UnansweredError
            If there is no answer, or none that can be understood. The connection is closed then.
        """
        opened = self._socket
        kept = opened is not None
        if opened is None or _is_useless(opened):
            self.close()
            kept = False
            opened = self._socket = self._connect(deadline)
        try:
            return self._exchange(opened, request, deadline)
        except _HungUpError as error:
            self.close()
            if not kept:
                raise UnansweredError("the connection was closed before the answer") from error
        except (OSError, ValueError) as error:
            self.close()
            raise UnansweredError(f"no answer: {type(error).__name__}") from error
        except BaseException:
            self.close()
            raise
        # The other side closed a connection that was idle, just when it was used again: that is nobody's
        # failure, and no answer was on its way.
        return self.exchange(request, deadline)

    def send(self, request: bytes) -> None:
        """Send a request, and leave its answer to `receive`.

        Raises
        ------
        UnansweredError
            If it cannot be sent.
        """
        self.open()
        opened = self._socket
        try:
            if opened is not None:
                opened.settimeout(self._read_seconds)
                opened.sendall(request)
        except OSError as error:
            self.close()
            raise UnansweredError(f"not sent: {type(error).__name__}") from error

    def receive(self) -> Answer:
        """Return the answer to what was sent.

        Raises
        ------
        UnansweredError
            If there is none, or none that can be understood. The connection is closed then.
        """
        opened = self._socket
        if opened is None:
            raise UnansweredError("nothing was sent")
        deadline = None if self._read_seconds is None else monotonic() + self._read_seconds
        try:
            return self._receive(opened, deadline)
        except (_HungUpError, OSError, ValueError) as error:
            self.close()
            raise UnansweredError(f"no answer: {type(error).__name__}") from error

    def _exchange(self, opened: socket.socket, request: bytes, deadline: float | None) -> Answer:
        if self._read_seconds is not None:
            limit = monotonic() + self._read_seconds
            deadline = limit if deadline is None else min(limit, deadline)
        opened.settimeout(_left(deadline))
        try:
            opened.sendall(request)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise _HungUpError from error
        return self._receive(opened, deadline)

    def _receive(self, opened: socket.socket, deadline: float | None) -> Answer:
        reader = _Reader(opened, deadline)
        answer = reader.answer()
        if reader.is_left_over or answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer


class _HungUpError(Exception):
    """The connection was closed before the first byte of an answer."""


class _Reader:
    """Reads one answer."""

    def __init__(self, opened: socket.socket, deadline: float | None) -> None:
        self._socket = opened
        self._deadline = deadline
        self._buffer = b""
        self._total = 0

    @property
    def is_left_over(self) -> bool:
        """Whether more came than the answer."""
        return self._buffer != b""

    def answer(self) -> Answer:
        """Read it; raises `ValueError` if it is not HTTP, or too long."""
        try:
            self._receive()
        except ConnectionResetError as error:
            raise _HungUpError from error
        if not self._buffer:
            raise _HungUpError
        status, headers = _read_head(self._until(b"\r\n\r\n", HEAD_BYTES))
        encoding = headers.get("transfer-encoding")
        if encoding is not None:
            if encoding.lower() != "chunked":
                raise ValueError("an unknown encoding")
            body = self._chunked()
        else:
            # Without a length the end of a body could not be told from a connection that was cut.
            body = self._exactly(_length(headers.get("content-length", ""), 10))
        return Answer(status, headers, body)

    def _receive(self) -> None:
        received = self._socket.recv(_CHUNK)
        self._buffer += received
        self._total += len(received)
        if self._total > _ANSWER_BYTES:
            raise ValueError("too long")

    def _more(self) -> None:
        before = len(self._buffer)
        if self._deadline is not None:
            self._socket.settimeout(_left(self._deadline))
        self._receive()
        if len(self._buffer) == before:
            raise ValueError("cut off")

    def _until(self, end: bytes, limit: int) -> bytes:
        while (at := self._buffer.find(end)) < 0:
            if len(self._buffer) > limit:
                raise ValueError("too long")
            self._more()
        if at > limit:
            raise ValueError("too long")
        found, self._buffer = self._buffer[:at], self._buffer[at + len(end) :]
        return found

    def _exactly(self, length: int) -> bytes:
        if length > BODY_BYTES:
            raise ValueError("too long")
        if len(self._buffer) < length:
            parts, have = [self._buffer], len(self._buffer)
            while have < length:
                self._buffer = b""
                self._more()
                parts.append(self._buffer)
                have += len(self._buffer)
            self._buffer = b"".join(parts)
        found, self._buffer = self._buffer[:length], self._buffer[length:]
        return found

    def _chunked(self) -> bytes:
        parts: list[bytes] = []
        total = 0
        while True:
            size = self._until(b"\r\n", 1024).split(b";", 1)[0].strip().decode("ascii")
            length = _length(size, 16)
            total += length
            if total > BODY_BYTES:
                raise ValueError("too long")
            if length == 0:
                break
            parts.append(self._exactly(length))
            if self._exactly(2) != b"\r\n":
                raise ValueError("a chunk without its end")
        while self._until(b"\r\n", HEAD_BYTES):
            pass  # trailers
        return b"".join(parts)


def _read_head(head: bytes) -> tuple[int, dict[str, str]]:
    text = head.decode("latin-1")
    if not text.replace("\r\n", "").replace("\t", "").isprintable():
        raise ValueError("no text")
    first, *lines = text.split("\r\n")
    protocol, _, rest = first.partition(" ")
    status, _, _ = rest.partition(" ")
    spoken = protocol in {"HTTP/1.1", "HTTP/1.0"} and "\t" not in first
    if not spoken or len(status) != 3 or not 200 <= int(status) <= 599:
        raise ValueError("no HTTP")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name, value = name.lower(), value.strip()
        if not name or not _NAME.issuperset(name) or not colon:
            raise ValueError("no header")
        # Which of two would be meant?
        if name in _FRAMING and headers.get(name, value) != value:
            raise ValueError("two lengths")
        headers[name] = value
    return int(status), headers


def _length(text: str, base: int) -> int:
    """Read a length; `int` alone would take `-1`, `+1`, `0x1` and `1_000` as well."""
    if not text or len(text) > 16 or text.strip("0123456789abcdefABCDEF"):
        raise ValueError("no length")
    return int(text, base)


def _is_useless(opened: socket.socket) -> bool:
    """Tell whether the other side hung up on an idle connection, or spoke unasked: that is no answer."""
    try:
        opened.settimeout(0)
        opened.recv(1)
    except BlockingIOError:
        return False
    except OSError as error:
        # How TLS says the same; session tickets that waited have been read by now.
        return type(error).__name__ != "SSLWantReadError"
    return True


def _connect(host: bytes, port: int, limit: float) -> socket.socket:
    """Connect to the first of a host's addresses that answers; all of them share the time."""
    failure = OSError("no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        started = socket.socket(family, kind, protocol)
        try:
            started.settimeout(_left(limit))
            started.connect(address)
        except OSError as error:
            started.close()
            failure = error
        else:
            return started
    raise failure


def _left(deadline: float | None) -> float | None:
    """Return the seconds until a deadline; raises `TimeoutError` if it has passed."""
    if deadline is None:
        return None
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _least(seconds: float, left: float | None) -> float:
    return seconds if left is None else min(seconds, left)
