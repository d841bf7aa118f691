"""Work after the response, against an Extensions API that does what a test tells it to.

tests/runtime holds the same thread to a whole sandbox's life.
"""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest

from redirect.extension import BUDGET_SECONDS, MARGIN_SECONDS, NAME, AfterResponse

PATIENCE = 10.0


class ExtensionsApi:
    """Lambda's side: tells of requests when the test says so, and hears who asks for the next one."""

    def __init__(self, status: int = 200) -> None:
        self.registered: list[tuple[str, Any]] = []
        self.events: Queue[dict[str, Any]] = Queue()
        self.asked: Queue[str] = Queue()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.registered.append((self.headers["Lambda-Extension-Name"], body))
                self.reply(status, {"functionName": "redirect"})

            def do_GET(self) -> None:
                outer.asked.put(self.headers["Lambda-Extension-Identifier"])
                self.reply(200, outer.events.get())

            def reply(self, status: int, answer: dict[str, Any]) -> None:
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Lambda-Extension-Identifier", "extension-1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def environ(self) -> dict[str, str]:
        return {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}"}

    def invoke(self, request_id: str, seconds: float = 6.0) -> None:
        self.events.put(
            {"eventType": "INVOKE", "requestId": request_id, "deadlineMs": (time.time() + seconds) * 1000}
        )

    def wait_for_next(self) -> None:
        self.asked.get(timeout=PATIENCE)


@pytest.fixture
def api() -> ExtensionsApi:
    """Stays when the test is over: a thread that asked for the next request waits for ever, as in Lambda."""
    return ExtensionsApi()


@pytest.fixture
def after(api: ExtensionsApi) -> AfterResponse:
    after = AfterResponse(api.environ)
    after.start()
    api.wait_for_next()
    return after


class Work:
    """Work that waits until it may go on, and tells what became of it."""

    def __init__(self, *, free: bool = True, failure: BaseException | None = None) -> None:
        self.may_go_on = threading.Event()
        if free:
            self.may_go_on.set()
        self.failure = failure
        self.threads: list[str] = []
        self.seconds: list[float] = []

    def __call__(self, deadline: float) -> None:
        self.seconds.append(deadline - time.monotonic())
        assert self.may_go_on.wait(PATIENCE)
        self.threads.append(threading.current_thread().name)
        if self.failure is not None:
            raise self.failure


class TestInLine:
    def test_without_the_api_work_is_done_at_once(self) -> None:
        after, work = AfterResponse({}), Work()
        after.start()
        after.end(work, 6.0)
        assert work.threads == ["MainThread"]

    @pytest.mark.parametrize("status", [403, 500])
    def test_nor_where_nobody_may_register(self, status: int, capsys: pytest.CaptureFixture[str]) -> None:
        after, work = AfterResponse(ExtensionsApi(status).environ), Work()
        after.start()
        after.end(work, 6.0)
        assert work.threads == ["MainThread"]
        assert json.loads(capsys.readouterr().out)["message"] == "extension not registered"

    def test_nor_where_nobody_answers(self, capsys: pytest.CaptureFixture[str]) -> None:
        after, work = AfterResponse({"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9"}), Work()
        after.start()
        after.end(work, 6.0)
        assert work.threads == ["MainThread"]

    def test_work_that_fails_fails_no_response(self, capsys: pytest.CaptureFixture[str]) -> None:
        AfterResponse({}).end(Work(failure=RuntimeError("x")), 6.0)
        assert json.loads(capsys.readouterr().out)["error"] == "RuntimeError"

    def test_a_request_may_have_none(self) -> None:
        AfterResponse({}).end(None, 6.0)


def test_it_registers_for_requests_alone(api: ExtensionsApi, after: AfterResponse) -> None:
    assert api.registered == [(NAME, {"events": ["INVOKE"]})]


def test_the_next_request_is_asked_for_when_the_work_is_done(
    api: ExtensionsApi, after: AfterResponse
) -> None:
    work = Work(free=False)
    api.invoke("request-1")
    after.end(work, 6.0)
    until(lambda: len(work.seconds) == 1)
    assert api.asked.empty()
    work.may_go_on.set()
    api.wait_for_next()
    assert work.threads == [NAME]


def test_requests_without_work_end_as_well(api: ExtensionsApi, after: AfterResponse) -> None:
    for n in range(5):
        api.invoke(f"request-{n}")
        after.end(None, 6.0)
        api.wait_for_next()


@pytest.mark.parametrize("failure", [RuntimeError("x"), SystemExit(), MemoryError()])
def test_no_failure_of_the_work_stops_the_sandbox(
    api: ExtensionsApi, after: AfterResponse, failure: BaseException
) -> None:
    api.invoke("request-1")
    after.end(Work(failure=failure), 6.0)
    api.wait_for_next()
    work = Work()
    api.invoke("request-2")
    after.end(work, 6.0)
    api.wait_for_next()
    assert work.threads == [NAME]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_is_dead_is_replaced(
    api: ExtensionsApi, after: AfterResponse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def log(*_: object, **__: object) -> None:
        raise SystemExit  # even of this, the thread dies

    with monkeypatch.context() as patch:
        patch.setattr("redirect.extension.log", log)
        api.invoke("request-1")
        after.end(Work(failure=SystemExit()), 6.0)
        assert after._thread is not None
        after._thread.join(PATIENCE)
        assert not after._thread.is_alive()
    work = Work()
    after.end(work, 6.0)
    api.wait_for_next()
    assert work.threads == [NAME]


@pytest.mark.parametrize(("left", "budget"), [(60.0, BUDGET_SECONDS), (1.0, 1.0 - MARGIN_SECONDS)])
def test_work_has_its_budget_and_never_more_than_the_function(left: float, budget: float) -> None:
    work = Work()
    AfterResponse({}).end(work, left)
    assert budget - 0.5 < work.seconds[0] <= budget


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)
