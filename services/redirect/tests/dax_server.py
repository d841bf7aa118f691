"""A stand-in for a DAX node: as much of its protocol as reading items takes, written down from its client.

A connection begins with a greeting. Then each request is `1`, a number for what is asked, and its arguments;
each answer is a list of error codes, empty for none, and a value. All of it is CBOR.
"""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from amazondax.CborDecoder import NoMoreData
from amazondax.CborEncoder import CborEncoder
from amazondax.Constants import DaxDataRequestParam, DaxMethodIds, DaxResponseParam, Role
from amazondax.DaxCborDecoder import DaxCborDecoder

Item = Mapping[str, Mapping[str, Any]]


@dataclass
class DaxServer:
    """A node with one table, whose key is `id`.

    Parameters
    ----------
    items
        What it has, by id.
    """

    items: dict[str, Item] = field(default_factory=dict)
    reads: list[dict[str, Any]] = field(default_factory=list)
    """What it was asked for."""
    keys: list[str] = field(default_factory=list)
    """Access keys of those who asked."""
    broken: bool = False
    """Whether it hangs up on whoever asks for an item."""
    hung_up: int = 0

    def __enter__(self) -> "DaxServer":
        node = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with node._lock:
                    node._connections.append(self.request)
                _Conversation(node, self.request).hold()

        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.hang_up()
        self._thread.join()

    def hang_up(self) -> None:
        """End every connection."""
        with self._lock:
            while self._connections:
                with contextlib.suppress(OSError):  # the other side was faster
                    self._connections.pop().shutdown(socket.SHUT_RDWR)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"dax://127.0.0.1:{self.port}"


class _Conversation:
    def __init__(self, node: DaxServer, connection: socket.socket) -> None:
        self._node = node
        self._connection = connection
        self._said = DaxCborDecoder(self._receive)

    def hold(self) -> None:
        """Answer until one of both hangs up."""
        try:
            for _ in range(5):  # who calls, layers, session, client, types
                self._said.decode_object()
            while self._said.decode_int() == 1:
                answer = self._answer(self._said.decode_int())
                if answer is None:
                    return
                self._connection.sendall(answer)
        except (NoMoreData, OSError):
            return

    def _receive(self, buffer: bytearray, _: int) -> int:
        data = self._connection.recv(4096)
        buffer += data
        return len(data)

    def _answer(self, method: int) -> bytes | None:
        said, node = self._said, self._node
        answer = CborEncoder()
        if method == DaxMethodIds.authorizeConnection_1489122155_1_Id:
            node.keys.append(said.decode_string())
            for _ in range(4):  # signature, what was signed, token, client
                said.decode_object()
            return b""
        answer.append_array_header(0)
        if method == DaxMethodIds.endpoints_455855874_1_Id:
            self._append_endpoints(answer)
        elif method == DaxMethodIds.defineKeySchema_N742646399_1_Id:
            said.decode_binary()
            answer.append_map_header(1)
            answer.append_string("id")
            answer.append_string("S")
        elif method == DaxMethodIds.getItem_263244906_1_Id:
            request = self._read_get_item()
            if node.broken:
                node.hung_up += 1
                return None
            node.reads.append(request)
            self._append_item(answer, request)
        return bytes(answer.as_bytes())

    def _append_endpoints(self, answer: CborEncoder) -> None:
        # As the client's ENDPOINT_FIELDS has them: node, host name, address, port, role, zone.
        endpoint = (1, "127.0.0.1", bytes([127, 0, 0, 1]), self._node.port, int(Role.LEADER), "a")
        answer.append_array_header(1)
        answer.append_map_header(len(endpoint))
        for number, value in enumerate(endpoint):
            answer.append_int(number)
            append = {int: answer.append_int, str: answer.append_string, bytes: answer.append_binary}
            append[type(value)](value)

    def _read_get_item(self) -> dict[str, Any]:
        request = {"table": self._said.decode_binary().decode(), "id": self._said.decode_binary().decode()}
        names = {number: name for name, number in vars(DaxDataRequestParam).items() if name[0] != "_"}
        for decoder in self._said.decode_map_iter():
            name = names[decoder.decode_int()]
            request[name] = decoder.decode_object()
        return request

    def _append_item(self, answer: CborEncoder, request: dict[str, Any]) -> None:
        item = self._node.items.get(request["id"])
        if item is None:
            answer.append_null()
            return
        answer.append_map_header(1)
        answer.append_int(DaxResponseParam.Item)
        there = [(place, item[name]) for place, name in enumerate(_projected(request)) if name in item]
        answer.append_map_header(len(there))
        for place, value in there:
            answer.append_int(place)
            ((kind, content),) = value.items()
            append = {"S": answer.append_string, "N": answer.append_number, "BOOL": answer.append_boolean}
            append[kind](content)


def _projected(request: dict[str, Any]) -> list[str]:
    """Return the names of the attributes asked for; the client sends an expression as a tree."""
    rest = bytearray(request["ProjectionExpression"])

    def more(buffer: bytearray, _: int) -> int:
        size = len(rest)
        buffer += rest
        rest.clear()
        return size

    return _names(DaxCborDecoder(more).decode_object())


def _names(tree: Any) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    return [name for branch in tree for name in _names(branch)] if isinstance(tree, list) else []
