"""One answer for each request, whole or not at all, whatever the other side does."""

import contextlib
import http.client
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import example, given, settings
from hypothesis import strategies as st
from services.redirect.tests.aws_server import (
    Act,
    ScriptedServer,
    Visitor,
    answer,
    certified,
    reset,
    then_hang_up,
    then_wait,
)
from services.redirect.tests.support import FakeClock

from redirect.aws import connection as connection_module
from redirect.aws.connection import BODY_BYTES, HEAD_BYTES, Answer, Connection
from redirect.aws.endpoints import parse_url
from redirect.aws.errors import UnansweredError
from redirect.aws.trust import make_context

REQUEST = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{}"
PATIENT = 10.0
"""Seconds that no test waits for."""


def connect(server: ScriptedServer, *, read_seconds: float | None = PATIENT) -> Connection:
    return Connection(parse_url(server.url), connect_seconds=PATIENT, read_seconds=read_seconds)


def ask(connection: Connection, deadline: float | None = None) -> Answer:
    return connection.exchange(REQUEST, deadline)


def ask_once(*acts: Act, read_seconds: float = PATIENT) -> Answer:
    with ScriptedServer(*acts) as server:
        connection = connect(server, read_seconds=read_seconds)
        try:
            return ask(connection)
        finally:
            connection.close()


def refused(*acts: Act) -> None:
    with pytest.raises(UnansweredError, match=r"(Value|UnicodeDecode)Error"):
        ask_once(*acts)


class TestKeepAlive:
    def test_a_connection_is_kept(self) -> None:
        with ScriptedServer(*[answer(str(n).encode()) for n in range(5)]) as server:
            connection = connect(server)
            assert [ask(connection).body for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
            assert server.connections == 1
            connection.close()

    def test_it_is_opened_ahead_once(self) -> None:
        with ScriptedServer(answer()) as server:
            connection = connect(server)
            connection.open()
            connection.open()
            ask(connection)
            assert server.connections == 1
            connection.close()

    @pytest.mark.parametrize("end", [Visitor.hang_up, Visitor.reset])
    def test_an_idle_connection_that_was_closed_is_opened_again(self, end: Callable[[Visitor], None]) -> None:
        with ScriptedServer(answer(b"1"), answer(b"2")) as server:
            connection = connect(server)
            assert ask(connection).body == b"1"
            end(server.visitors[0])
            assert server.visitors[0].left.wait(PATIENT)
            assert ask(connection).body == b"2"
            assert server.connections == 2
            connection.close()

    @pytest.mark.parametrize("end", [Visitor.hang_up, reset])
    def test_one_that_is_closed_while_it_is_used_again_is_opened_again(self, end: Act) -> None:
        with ScriptedServer(answer(b"1"), end, answer(b"2")) as server:
            connection = connect(server)
            assert [ask(connection).body, ask(connection).body] == [b"1", b"2"]
            assert (server.connections, len(server.requests)) == (2, 3)
            connection.close()

    @pytest.mark.parametrize("end", [Visitor.hang_up, reset])
    def test_a_new_one_that_is_closed_before_the_answer_is_not(self, end: Act) -> None:
        with ScriptedServer(answer(b"1"), end, end, answer(b"2")) as server:
            connection = connect(server)
            ask(connection)
            with pytest.raises(UnansweredError, match="closed before the answer"):
                ask(connection)
            assert ask(connection).body == b"2"
            assert server.connections == 3
            connection.close()

    def test_an_answer_that_was_cut_off_is_not_asked_for_again(self) -> None:
        with ScriptedServer(answer(b"1"), then_hang_up(answer(b"2")[:-1]), answer(b"3")) as server:
            connection = connect(server)
            ask(connection)
            with pytest.raises(UnansweredError):
                ask(connection)
            assert len(server.requests) == 2
            assert ask(connection).body == b"3"
            connection.close()

    @pytest.mark.parametrize("header", ["close", "Close"])
    def test_the_other_side_may_want_it_closed(self, header: str) -> None:
        with ScriptedServer(answer(b"1", connection=header), answer(b"2")) as server:
            connection = connect(server)
            assert [ask(connection).body, ask(connection).body] == [b"1", b"2"]
            assert server.connections == 2
            connection.close()

    def test_what_comes_after_an_answer_is_no_answer(self) -> None:
        with ScriptedServer(answer(b"1") + answer(b"forged"), answer(b"2")) as server:
            connection = connect(server)
            assert [ask(connection).body, ask(connection).body] == [b"1", b"2"]
            connection.close()

    def test_what_comes_unasked_is_no_answer(self) -> None:
        with ScriptedServer(answer(b"1"), answer(b"2")) as server:
            connection = connect(server)
            ask(connection)
            [visitor] = server.visitors
            visitor.send(answer(b"forged"))
            assert ask(connection).body == b"2"
            assert server.connections == 2
            connection.close()

    def test_closing_twice_is_closing(self) -> None:
        with ScriptedServer(answer()) as server:
            connection = connect(server)
            ask(connection)
            connection.close()
            connection.close()


class TestPatience:
    """With little patience, or with a clock of the test's own. Nothing is measured."""

    def test_a_silent_server_is_given_up(self) -> None:
        with pytest.raises(UnansweredError, match="TimeoutError"):
            ask_once(then_wait(b""), read_seconds=0.02)

    @pytest.mark.parametrize("cut", [1, 30, -1])
    def test_one_that_falls_silent_is_given_up(self, cut: int) -> None:
        with pytest.raises(UnansweredError, match="TimeoutError"):
            ask_once(then_wait(answer(b"0123456789")[:cut]), read_seconds=0.02)

    @pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"])
    def test_patience_is_for_the_whole_answer(self, start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        def drip(visitor: Visitor) -> None:
            visitor.send(start)
            try:
                while True:
                    visitor.socket.sendall(b"H")
            except OSError:
                return

        # Each look at this clock takes a second, so that a byte now and then cannot hold the connection open.
        monkeypatch.setattr(connection_module, "monotonic", FakeClock(step=1.0))
        monkeypatch.setattr(connection_module, "HEAD_BYTES", 10**9)
        monkeypatch.setattr(connection_module, "_ANSWER_BYTES", 10**9)
        monkeypatch.setattr(connection_module, "_CHUNK", 1)
        with pytest.raises(UnansweredError, match="TimeoutError"):
            ask_once(drip, read_seconds=30.0)

    def test_the_deadline_is_the_callers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = FakeClock()
        monkeypatch.setattr(connection_module, "monotonic", clock)

        def take_long(visitor: Visitor) -> None:
            clock.now += 7
            visitor.send(answer()[:-1])
            visitor.await_end()

        with ScriptedServer(answer(), take_long) as server:
            connection = connect(server)
            assert ask(connection, clock.now + 7.1).body == b"{}"
            with pytest.raises(UnansweredError, match="TimeoutError"):
                ask(connection, clock.now + 6.9)
            connection.close()

    def test_nothing_is_sent_after_the_deadline(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = FakeClock()
        monkeypatch.setattr(connection_module, "monotonic", clock)
        with ScriptedServer(answer(), answer()) as server:
            connection = connect(server)
            for _ in range(2):
                with pytest.raises(UnansweredError, match="TimeoutError"):
                    ask(connection, clock.now)
                connection.open()
            assert server.requests == []
            connection.close()

    def test_addresses_share_the_time_to_connect(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock, tried = FakeClock(), []

        class Unreachable(socket.socket):
            def connect(self, address: Any) -> None:
                tried.append((address, self.gettimeout()))
                clock.now += 4
                raise TimeoutError

        addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{n}", 80)) for n in range(9)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: addresses)
        monkeypatch.setattr(socket, "socket", Unreachable)
        monkeypatch.setattr(connection_module, "monotonic", clock)
        connection = Connection(parse_url("http://many.test"), connect_seconds=10, read_seconds=10)
        with pytest.raises(UnansweredError, match="TimeoutError"):
            connection.open()
        assert tried == [(("192.0.2.0", 80), 10), (("192.0.2.1", 80), 6), (("192.0.2.2", 80), 2)]

    def test_the_next_address_is_tried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with ScriptedServer(answer(b"1")) as server, socket.create_server(("127.0.0.1", 0)) as absent:
            addresses = [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
                for port in (absent.getsockname()[1], server.port)
            ]
            absent.close()
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: addresses)
            connection = connect(server)
            assert ask(connection).body == b"1"
            connection.close()


class TestNowhere:
    @pytest.fixture
    def free_port(self) -> int:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return int(server.getsockname()[1])

    def test_nobody_listens(self, free_port: int) -> None:
        connection = Connection(
            parse_url(f"http://127.0.0.1:{free_port}"), connect_seconds=PATIENT, read_seconds=PATIENT
        )
        for attempt in (connection.open, lambda: ask(connection)):
            with pytest.raises(UnansweredError, match="ConnectionRefusedError"):
                attempt()

    @pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", f"{'x' * 64}.test", ".", "-"])
    def test_a_name_that_is_none(self, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
        connection = Connection(parse_url(f"http://{host}"), connect_seconds=PATIENT, read_seconds=PATIENT)
        with pytest.raises(UnansweredError, match="no connection"):
            connection.open()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE = [
    (answer(b""), b""),
    (answer(b'{"a":1}', x_amzn_requestid="1", connection="keep-alive"), b'{"a":1}'),
    (answer(b"\r\n\r\n\x00"), b"\r\n\r\n\x00"),
    (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", b"x"),
    (b"HTTP/1.0 200 OK\r\ncontent-length:1\r\n\r\nx", b"x"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", b"x"),
    (CHUNKED + b"0\r\n\r\n", b""),
    (CHUNKED + b"5\r\nhello\r\n6;name=value\r\n world\r\n0\r\n\r\n", b"hello world"),
    (CHUNKED + b"A\r\n0123456789\r\n00\r\nTrailer: x\r\nOther: y\r\n\r\n", b"0123456789"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", b"x"),
]


class TestAnswers:
    def test_everything_is_told(self) -> None:
        told = ask_once(
            answer(b"no", 400, x_amzn_errortype="Throttling", Date=" Sun, 22 Nov 2026 15:26:58 GMT ")
        )
        assert (told.status, told.body) == (400, b"no")
        assert told.headers == {
            "x-amzn-errortype": "Throttling",
            "date": "Sun, 22 Nov 2026 15:26:58 GMT",
            "content-length": "2",
        }

    @pytest.mark.parametrize(("raw", "body"), WHOLE)
    def test_an_answer_may_come_in_two_at_every_place(self, raw: bytes, body: bytes) -> None:
        for cut in range(1, len(raw)):
            near, far = socket.socketpair()
            with near, far:
                far.sendall(raw[:cut])
                reader = connection_module._Reader(_Pausing(near, far, raw[cut:]), None)  # type: ignore[arg-type]
                assert reader.answer().body == body
                assert not reader.is_left_over

    @pytest.mark.parametrize(("raw", "body"), WHOLE)
    def test_an_answer_is_whole_or_none(self, raw: bytes, body: bytes) -> None:
        with ScriptedServer() as server:
            connection = connect(server)
            for cut in range(len(raw)):
                server.then(then_hang_up(raw[:cut]))
                with pytest.raises(UnansweredError):
                    ask(connection)
            server.then(then_hang_up(raw))
            assert ask(connection).body == body
            connection.close()

    @pytest.mark.parametrize(
        "head",
        [
            b"", b"HTTP/1.1", b"HTTP/1.1 ", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 abc OK",
            b"HTTP/1.1 \xb2\xb2\xb2 OK", b"HTTP/1.1 +20 OK", b"HTTP/1.1 -20 OK", b"HTTP/1.1 2_0 OK",
            b"HTTP/1.1 100 Continue", b"HTTP/1.1 199 OK", b"HTTP/1.1 600 OK", b"HTTP/2 200 OK",
            b"HTTP/1.2 200 OK", b"HTTP/1.1x 200 OK", b"http/1.1 200 OK", b" HTTP/1.1 200 OK",
            b"SSH-2.0-OpenSSH_9.6", b"HTTP/1.1\t200 OK", b"HTTP/1.1  200 OK",
        ],
    )  # fmt: skip
    def test_a_first_line_that_is_none(self, head: bytes) -> None:
        refused(head + b"\r\nContent-Length: 2\r\n\r\n{}")

    @pytest.mark.parametrize(
        "line",
        [
            b"no colon", b" Folded: x", b"Space : x", b"\tTab: x", b"Bare\rReturn: x", b"Bare: \nLine",
            b"Null: \x00", b": no name",
        ],
    )  # fmt: skip
    def test_a_header_that_is_none(self, line: bytes) -> None:
        refused(b"HTTP/1.1 200 OK\r\n" + line + b"\r\nContent-Length: 2\r\n\r\n{}")

    @pytest.mark.parametrize(
        "length",
        [
            b"", b"-1", b"+2", b"2.0", b"0x2", b"2_0", b"a", b"2 2", b"2,2", b"\xb2", b"1e1",
            b"2\r\nContent-Length: 3", b"2\r\nTransfer-Encoding: gzip", b"2\r\nTransfer-Encoding:",
            b"2\r\nTransfer-Encoding: gzip, chunked", b"9" * 16, b"9" * 5000, str(BODY_BYTES + 1).encode(),
        ],
    )  # fmt: skip
    def test_a_length_that_is_none(self, length: bytes) -> None:
        refused(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n{}")

    def test_without_a_length_the_end_would_be_anybodys_guess(self) -> None:
        refused(then_hang_up(b"HTTP/1.1 200 OK\r\n\r\n{}"))

    @pytest.mark.parametrize(
        "chunks",
        [
            b"\r\n", b"x\r\n", b"-1\r\n", b"0x1\r\nx\r\n0\r\n\r\n", b"1_0\r\n", b"1\r\nxx\r\n0\r\n\r\n",
            b"1\r\nx0\r\n\r\n", b"1 1\r\nx\r\n0\r\n\r\n", b"\xb2\r\n", b"ffffffff\r\n", b"f" * 17 + b"\r\n",
            b";a=b\r\n0\r\n\r\n",
            b"1\r\nx\r\n" * 3 + b"200000\r\n",
        ],
    )  # fmt: skip
    def test_chunks_that_are_none(self, chunks: bytes) -> None:
        refused(CHUNKED + chunks)


class _Pausing:
    """A socket on which the rest comes only when the first part was received."""

    def __init__(self, near: socket.socket, far: socket.socket, rest: bytes) -> None:
        self._near, self._far, self._rest = near, far, rest

    def recv(self, size: int) -> bytes:
        received = self._near.recv(size)
        self._far.sendall(self._rest)
        self._rest = b""
        return received


class TestTooMuch:
    """A server that never ends is left before it has filled the memory."""

    @pytest.mark.parametrize(
        ("start", "forever", "most"),
        [
            (b"", b"x", HEAD_BYTES),
            (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", HEAD_BYTES),
            (f"HTTP/1.1 200 OK\r\nContent-Length: {BODY_BYTES + 1}\r\n\r\n".encode(), b"x", HEAD_BYTES),
            (CHUNKED, b"1000\r\n" + b"x" * 0x1000 + b"\r\n", 2 * BODY_BYTES),
            (CHUNKED, b"10\r\n0123456789abcdef\r\n", 3 * BODY_BYTES),
            (CHUNKED, b"1;" + b"x" * 1000 + b"\r\nx\r\n", 3 * BODY_BYTES),
            (CHUNKED, b"f" * 2000, HEAD_BYTES),
            (CHUNKED + b"0\r\n", b"X: y\r\n", 3 * BODY_BYTES),
        ],
        ids=["line", "head", "body", "chunks", "small-chunks", "extensions", "size", "trailers"],
    )
    def test_it_is_refused(
        self, start: bytes, forever: bytes, most: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        received = 0

        class Counting(socket.socket):
            def recv(self, *args: Any) -> bytes:
                nonlocal received
                data = super().recv(*args)
                received += len(data)
                return data

        def pour(visitor: Visitor) -> None:
            try:
                visitor.socket.sendall(start)
                while True:
                    visitor.socket.sendall(forever * (65536 // len(forever)))
            except OSError:
                return

        with ScriptedServer(pour) as server:
            connection = connect(server)
            with monkeypatch.context() as patch:
                patch.setattr(connection_module.socket, "socket", Counting)
                connection.open()
            with pytest.raises(UnansweredError, match="ValueError"):
                ask(connection)
        assert received <= most + 2 * 65536

    def test_the_longest_body_is_read(self) -> None:
        assert ask_once(answer(b"x" * BODY_BYTES)).body == b"x" * BODY_BYTES


class TestFuzz:
    @pytest.fixture(scope="class")
    @staticmethod
    def server() -> Iterator[ScriptedServer]:
        with ScriptedServer() as server:
            yield server

    @staticmethod
    def by_http_client(raw: bytes) -> tuple[int, bytes]:
        """What Python's own client reads from it."""

        class Socket:
            def makefile(self, *_: object) -> io.BytesIO:
                return io.BytesIO(raw)

        response = http.client.HTTPResponse(Socket(), method="POST")  # type: ignore[arg-type]
        response.begin()
        return response.status, response.read()

    def check(self, server: ScriptedServer, raw: bytes) -> None:
        """What is not refused is read as others read it."""
        server.then(then_hang_up(raw))
        connection = connect(server)
        try:
            told = ask(connection)
        except UnansweredError:
            return
        finally:
            connection.close()
        assert (told.status, told.body) == self.by_http_client(raw)

    @settings(max_examples=200)
    @given(st.binary(max_size=300))
    @example(b"\r\n\r\n")
    def test_any_bytes(self, server: ScriptedServer, raw: bytes) -> None:
        self.check(server, raw)

    @settings(max_examples=400)
    @given(
        st.sampled_from([raw for raw, _ in WHOLE]),
        st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3), st.binary(max_size=4)), max_size=4),
    )
    def test_answers_that_were_damaged(
        self, server: ScriptedServer, raw: bytes, damages: list[tuple[int, int, bytes]]
    ) -> None:
        for at, dropped, put in damages:
            raw = raw[:at] + put + raw[at + dropped :]
        self.check(server, raw)

    PIECES = (
        b"HTTP/1.1 200 OK", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b":", b" ", b"Content-Length: ",
        b"Transfer-Encoding: chunked", b"0", b"1", b"5", b"a", b"x", b";", b"hello", b"Connection: close",
        b"HTTP/1.0 500 No", b"0\r\n\r\n", b"\x00", b"\xff",
    )  # fmt: skip

    @settings(max_examples=400)
    @given(st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join))
    def test_answers_put_together_anyhow(self, server: ScriptedServer, raw: bytes) -> None:
        self.check(server, b"HTTP/1.1 200 OK\r\n" + raw)


class TestTls:
    @pytest.fixture(scope="class")
    @staticmethod
    def authority() -> trustme.CA:
        return trustme.CA()

    @pytest.fixture
    def bundle(self, authority: trustme.CA, tmp_path: Path) -> str:
        path = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(path))
        return str(path)

    def connect(self, server: ScriptedServer, bundle: str | None) -> Connection:
        endpoint = parse_url(server.url)
        environ = {"AWS_CA_BUNDLE": bundle} if bundle else {}
        return Connection(
            endpoint,
            connect_seconds=PATIENT,
            read_seconds=PATIENT,
            tls=make_context(endpoint.host, environ),
        )

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_a_connection_is_kept(self, authority: trustme.CA, bundle: str, version: ssl.TLSVersion) -> None:
        """With TLS 1.3 session tickets wait on it, which are no reason to think that it is closed."""
        context = certified(authority)
        context.minimum_version = context.maximum_version = version
        context.num_tickets = 4
        with ScriptedServer(*[answer(str(n).encode()) for n in range(4)], tls=context) as server:
            connection = self.connect(server, bundle)
            connection.open()
            assert [ask(connection).body for _ in range(4)] == [b"0", b"1", b"2", b"3"]
            assert server.connections == 1
            connection.close()

    def test_tickets_that_come_late_do_no_harm(self, authority: trustme.CA, bundle: str) -> None:
        context = certified(authority)
        with ScriptedServer(answer(b"1"), answer(b"2"), tls=context) as server:
            connection = self.connect(server, bundle)
            assert ask(connection).body == b"1"
            assert ask(connection).body == b"2"
            connection.close()

    @pytest.mark.parametrize("polite", [True, False])
    def test_an_idle_connection_that_was_closed_is_opened_again(
        self, authority: trustme.CA, bundle: str, polite: bool
    ) -> None:
        def end(visitor: Visitor) -> None:
            visitor.send(answer(b"1"))
            if polite:
                assert isinstance(visitor.socket, ssl.SSLSocket)
                with contextlib.suppress(OSError):
                    visitor.socket.unwrap()
            visitor.hang_up()

        with ScriptedServer(end, answer(b"2"), tls=certified(authority)) as server:
            connection = self.connect(server, bundle)
            assert [ask(connection).body, ask(connection).body] == [b"1", b"2"]
            assert server.connections == 2
            connection.close()

    @pytest.mark.parametrize("extra", [1, 40000])
    def test_what_comes_unasked_is_no_answer(self, authority: trustme.CA, bundle: str, extra: int) -> None:
        """In a record of its own, after the answer's, where peeking would not find it."""

        answered, said = threading.Event(), threading.Event()

        def say_more(visitor: Visitor) -> None:
            visitor.send(answer(b"1"))
            answered.wait()
            visitor.send(answer(b"f" * extra))
            said.set()

        with ScriptedServer(say_more, answer(b"2"), tls=certified(authority)) as server:
            connection = self.connect(server, bundle)
            assert ask(connection).body == b"1"
            answered.set()
            said.wait()
            assert ask(connection).body == b"2"
            connection.close()

    def test_long_answers_are_read(self, authority: trustme.CA, bundle: str) -> None:
        body = bytes(range(256)) * 2000
        with ScriptedServer(answer(body), tls=certified(authority)) as server:
            connection = self.connect(server, bundle)
            assert ask(connection).body == body
            connection.close()

    def test_an_answer_that_was_cut_off(self, authority: trustme.CA, bundle: str) -> None:
        with ScriptedServer(then_hang_up(answer(b"12345")[:-1]), tls=certified(authority)) as server:
            connection = self.connect(server, bundle)
            with pytest.raises(UnansweredError):
                ask(connection)

    def refused(self, server: ScriptedServer, bundle: str | None) -> None:
        connection = self.connect(server, bundle)
        with pytest.raises(UnansweredError, match="SSLCertVerificationError"):
            ask(connection)
        assert server.requests == []

    def test_another_name_is_refused(self, authority: trustme.CA, bundle: str) -> None:
        with ScriptedServer(answer(), tls=certified(authority, "dynamodb.us-east-1.amazonaws.com")) as server:
            self.refused(server, bundle)

    def test_an_unknown_authority_is_refused(self, authority: trustme.CA) -> None:
        with ScriptedServer(answer(), tls=certified(authority)) as server:
            self.refused(server, None)

    def test_another_authority_is_refused(self, bundle: str) -> None:
        with ScriptedServer(answer(), tls=certified(trustme.CA())) as server:
            self.refused(server, bundle)

    def test_one_that_does_not_encrypt_is_refused(self, bundle: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            endpoint = parse_url(f"https://127.0.0.1:{listener.getsockname()[1]}")
            tls = make_context(endpoint.host, {"AWS_CA_BUNDLE": bundle})
            connection = Connection(endpoint, connect_seconds=0.05, read_seconds=PATIENT, tls=tls)
            with pytest.raises(UnansweredError, match="TimeoutError"):
                connection.open()

    def test_nothing_is_sent_unverified(self) -> None:
        connection = Connection(parse_url("https://127.0.0.1:1"), connect_seconds=1, read_seconds=1)
        with pytest.raises(UnansweredError, match="nothing to verify"):
            ask(connection)
