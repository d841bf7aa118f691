"""Lambda's Runtime API and Extensions API, for one function in one sandbox at a time.

    with Sandbox([python, "-m", "awslambdaric", "module.handler"], environment, freeze=True) as sandbox:
        invocation = sandbox.invoke({"rawPath": "/abc"})
        assert invocation.value["statusCode"] == 301
        sandbox.wait_idle()

As Lambda does, and as its Runtime Interface Emulator does not, it answers when the function posts its
response: extensions go on after that. An invocation is over when the runtime and every registered extension
ask for the next one. Then, and after the start, the sandbox may be frozen. Whoever takes longer than the
function's timeout is killed, whether it has answered or not; the next invocation starts a new sandbox.

Every time here is `time.monotonic()`, the clock that all processes of a machine share.
"""

import contextlib
import enum
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.http_server import Connection, Request, Server, encode

FUNCTION = "function"
FUNCTION_ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}"
_GRACE_SECONDS = 5.0
"""So much longer than the function's timeout may take what it bounds."""

_RUNTIME = "/2018-06-01/runtime/"
_EXTENSION = "/2020-01-01/extension/"
_OK = b'{"status":"OK"}'


class Extensions(enum.Enum):
    """What becomes of extensions."""

    SERVED = "they register, are told of invocations and are waited for"
    REFUSED = "they may not register"
    ABSENT = "nobody knows their API"


class InitError(Exception):
    """The function did not get as far as its first invocation; the message is what it wrote."""


@dataclass(eq=False)
class Invocation:
    """What became of an event.

    Parameters
    ----------
    request_id
        As the function sees it.
    spawned_at
        When the sandbox was started that this invocation is the first of, else None.
    invoked_at
        When the runtime was given the event.
    answered_at
        When the response was here.
    released_at
        When the runtime and the extensions asked for the next one. None while they have not, and forever if
        the sandbox ended before.
    value
        What the function answered, or the error it reported.
    error
        The type of the error, if it is one: `Sandbox.Timedout` and `Runtime.ExitError` are Lambda's own.
    timed_out
        Whether the sandbox was killed because of the timeout, before or after the answer.
    """

    request_id: str
    spawned_at: float | None
    invoked_at: float = 0
    answered_at: float | None = None
    released_at: float | None = None
    value: Any = None
    error: str | None = None
    timed_out: bool = False

    @property
    def answered(self) -> bool:
        """Whether there is an answer."""
        return self.answered_at is not None

    @property
    def over(self) -> bool:
        """Whether the sandbox went on to the next one."""
        return self.released_at is not None

    @property
    def milliseconds(self) -> float:
        """For how long the caller waited for the answer, from the start of the sandbox if it is the first."""
        if self.answered_at is None:
            raise ValueError(f"there was no answer: {self.error}")
        begun = self.invoked_at if self.spawned_at is None else self.spawned_at
        return (self.answered_at - begun) * 1000


class Sandbox:
    """A function that can be invoked. Use it as a context manager: it kills what it started.

    Parameters
    ----------
    command
        Starts the runtime client, as a sandbox's bootstrap does.
    environment
        All of its environment, but for what Lambda adds to it and PATH.
    freeze
        Whether the sandbox's processes are stopped while nothing is to be done.
    timeout
        The function's, in seconds.
    init_timeout
        How long it may take to start, in seconds.
    extensions
        What becomes of extensions.
    folder
        Where it runs.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        *,
        freeze: bool = False,
        timeout: float = 30.0,
        init_timeout: float = 30.0,
        extensions: Extensions = Extensions.SERVED,
        folder: Path | None = None,
    ) -> None:
        self.command, self.environment, self.folder = command, environment, folder
        self.freeze, self.extensions = freeze, extensions
        self.timeout, self.init_timeout = timeout, init_timeout
        self.invocations: list[Invocation] = []
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed with the sandbox
        self._process: _Process | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._log.close()

    @property
    def pid(self) -> int:
        """The process id of the sandbox, which must have been started."""
        return self._running().process.pid

    @property
    def init_seconds(self) -> float:
        """How long it took from the start of the sandbox to the runtime's first request for an event."""
        process = self._running()
        return process.asked_at - process.spawned_at

    @property
    def extension_names(self) -> Sequence[str]:
        """Who registered."""
        return [extension.name for extension in self._running().extensions.values()]

    @property
    def log(self) -> str:
        """What all sandboxes of this function wrote so far."""
        self._log.flush()
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0).decode(errors="replace")

    def start(self) -> None:
        """Start a sandbox ahead of the first invocation, as provisioned concurrency does.

        Raises
        ------
        InitError
            If it ends before it asks for an event, or takes too long.
        """
        self.kill()
        process = self._process = _Process(self, self._log.fileno())
        if not process.wait(lambda: process.idle, self.init_timeout):
            self.kill()
            raise InitError(f"the function did not start:\n{self.log[-4000:]}")

    def invoke(self, event: object) -> Invocation:
        """Give the function an event and return when it has answered, or cannot any more.

        A sandbox that is busy is waited for: it never has two events at a time. If there is none, because
        none was started or the last one ended, one is started now.

        Parameters
        ----------
        event
            What is sent: bytes as they are, anything else as JSON.
        """
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        if self._process is not None:
            self.wait_idle(self.timeout + _GRACE_SECONDS)
        if self._process is None or self._process.ended:
            self.start()
        process = self._running()
        invocation = Invocation(str(uuid.uuid4()), None if process.used else process.spawned_at)
        self.invocations.append(invocation)
        process.deliver(invocation, body)
        process.wait(lambda: invocation.over or invocation.answered, self.timeout + _GRACE_SECONDS)
        if not invocation.answered:
            invocation.error = "Sandbox.Timedout" if invocation.timed_out else "Runtime.ExitError"
        return invocation

    def wait_idle(self, seconds: float = 30.0) -> None:
        """Wait until the runtime and every extension ask for the next event, or the sandbox has ended.

        Raises
        ------
        TimeoutError
            If neither happens.
        """
        process = self._running()
        if not process.wait(lambda: process.idle, seconds) and not process.ended:
            raise TimeoutError(f"the sandbox is still at work after {seconds} s:\n{self.log[-4000:]}")

    def wait_ended(self, seconds: float = 30.0) -> None:
        """Wait until the sandbox has ended.

        Raises
        ------
        TimeoutError
            If it does not.
        """
        process = self._running()
        process.wait(lambda: process.ended, seconds)
        if not process.ended:
            raise TimeoutError(f"the sandbox still runs after {seconds} s")

    def kill(self) -> None:
        """End the sandbox at once, whatever it does. The next invocation starts another."""
        if self._process is not None:
            self._process.kill()

    def cpu_seconds(self) -> float:
        """Return the processor time that the sandbox took so far."""
        # Linux: the id of another process's clock (see clock_getcpuclockid(3)). It counts in nanoseconds,
        # and threads that have ended as well; /proc has either one or the other.
        return time.clock_gettime((~self.pid << 3) | 2)

    def _running(self) -> "_Process":
        if self._process is None:
            raise ValueError("no sandbox was started")
        return self._process


@dataclass(frozen=True)
class _Extension:
    name: str
    events: Sequence[str]


@dataclass(eq=False)
class _Process:
    """One sandbox, from its start to its end, and the two APIs as it sees them: at a port of its own."""

    sandbox: Sandbox
    output: int
    extensions: dict[str, _Extension] = field(default_factory=dict)
    asked_at: float = 0
    idle: bool = False
    used: bool = False
    ended: bool = False

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._runtime: Connection | None = None  # while it waits for an event
        self._waiting: dict[str, Connection] = {}  # extensions that wait for one
        self._current: Invocation | None = None
        self._server = Server(self._serve)
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{FUNCTION}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]0123456789abcdef",
            **self.sandbox.environment,
            "AWS_LAMBDA_RUNTIME_API": self._server.address,
        }
        self.spawned_at = time.monotonic()
        self.process = subprocess.Popen(
            self.sandbox.command,
            cwd=self.sandbox.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            start_new_session=True,
        )
        self._reaper = threading.Thread(target=self._reap, daemon=True)
        self._reaper.start()
        self._watchdog = threading.Thread(target=self._watch, daemon=True)
        self._watchdog.start()

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds, the sandbox has ended, or time is up; return whether it holds."""
        with self._changed:
            self._changed.wait_for(lambda: holds() or self.ended, seconds)
            return holds()

    def deliver(self, invocation: Invocation, event: bytes) -> None:
        """Give an event to the runtime and tell the extensions of it. The sandbox must be idle."""
        timeout = self.sandbox.timeout
        with self._changed:
            if not self.idle or self._runtime is None:
                return  # it ended just now
            deadline = round((time.time() + timeout) * 1000)
            trace = f"Root=1-{round(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0"
            headers = {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": FUNCTION_ARN,
                "Lambda-Runtime-Trace-Id": trace,
            }
            told = {
                "eventType": "INVOKE",
                "deadlineMs": deadline,
                "requestId": invocation.request_id,
                "invokedFunctionArn": FUNCTION_ARN,
                "tracing": {"type": "X-Amzn-Trace-Id", "value": trace},
            }
            identified = {"Lambda-Extension-Event-Identifier": str(uuid.uuid4())}
            for_extensions = encode(200, json.dumps(told).encode(), identified)
            for_runtime = encode(200, event, headers)
            invoked = [name for name, extension in self.extensions.items() if "INVOKE" in extension.events]
            extensions = [self._waiting.pop(name) for name in invoked]
            runtime, self._runtime, self.idle, self._current = self._runtime, None, False, invocation
            self.used = True
            invocation.invoked_at = time.monotonic()
            if self.sandbox.freeze:
                self._signal(signal.SIGCONT)
            for extension in extensions:  # they come first, as on Lambda
                extension.send_raw(for_extensions)
            runtime.send_raw(for_runtime)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._reaper.join()
        self._watchdog.join()

    def _signal(self, number: int) -> None:
        if not self.ended:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def _reap(self) -> None:
        self.process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # what it started, if anything
        with self._changed:
            self.ended, self.idle = True, False
            self._changed.notify_all()
        self._over.set()
        self._server.close()

    def _watch(self) -> None:
        """Kill the sandbox when an invocation takes too long."""
        pause = self.sandbox.timeout
        while not self._over.wait(pause):
            with self._changed:
                current = self._current
                # One that is still to come cannot end sooner than a whole timeout from now.
                begun = time.monotonic() if current is None else current.invoked_at
                pause = begun + self.sandbox.timeout - time.monotonic()
                if current is not None and pause <= 0:
                    current.timed_out = True
                    self._signal(signal.SIGKILL)
                    return

    # The APIs, each request in its connection's thread.

    def _serve(self, connection: Connection) -> None:
        while (request := connection.read()) is not None:
            if request.path.startswith(_RUNTIME):
                self._serve_runtime(connection, request, request.path.removeprefix(_RUNTIME).split("/"))
            elif request.path.startswith(_EXTENSION) and self.sandbox.extensions is not Extensions.ABSENT:
                self._serve_extension(connection, request, request.path.removeprefix(_EXTENSION))
            else:
                connection.send(404, b"404 page not found\n")

    def _serve_runtime(self, connection: Connection, request: Request, path: Sequence[str]) -> None:
        match path:
            case ["invocation", "next"]:
                self._next(connection, request)
            case ["invocation", request_id, "response" | "error" as outcome]:
                accepted = self._answer(request_id, request, failed=outcome == "error")
                connection.send(*((202, _OK) if accepted else _refusal(400, "InvalidRequestID")))
                with self._changed:  # after the sandbox was told, so that it goes on as early as on Lambda
                    self._changed.notify_all()
            case ["init", "error"]:
                connection.send(202, _OK)  # the runtime ends itself after that
            case _:
                connection.send(404, b"404 page not found\n")

    def _next(self, connection: Connection, request: Request) -> None:
        with self._changed:
            self.asked_at = self.asked_at or request.arrived_at
            self._runtime = connection
            self._settle(request.arrived_at)

    def _answer(self, request_id: str, request: Request, *, failed: bool) -> bool:
        with self._changed:
            current = self._current
            if current is None or current.request_id != request_id or current.answered_at is not None:
                return False
            try:
                current.value = json.loads(request.body or b"null")
            except ValueError:
                current.value = request.body
            if failed:
                kind = current.value.get("errorType") if isinstance(current.value, dict) else None
                current.error = kind or request.headers.get("lambda-runtime-function-error-type", "Unknown")
            current.answered_at = request.arrived_at
            return True

    def _serve_extension(self, connection: Connection, request: Request, path: str) -> None:
        identifier = request.headers.get("lambda-extension-identifier", "")
        if path == "register":
            connection.send(*self._register(request))
        elif identifier not in self.extensions:
            connection.send(*_refusal(403, "Extension.UnknownExtensionIdentifier"))
        elif path == "event/next":
            with self._changed:
                self._waiting[identifier] = connection
                self._settle(request.arrived_at)
        elif path in {"init/error", "exit/error"}:
            connection.send(202, _OK)
            self._signal(signal.SIGKILL)
        else:
            connection.send(404, b"404 page not found\n")

    def _register(self, request: Request) -> tuple[int, bytes, Mapping[str, str]]:
        name = request.headers.get("lambda-extension-name", "")
        events = json.loads(request.body or b"{}").get("events", [])
        with self._changed:
            if self.sandbox.extensions is Extensions.REFUSED or not name:
                return _refusal(403, "Extension.Forbidden")
            if self.asked_at:
                return _refusal(403, "Extension.RegistrationClosed")  # only before the first invocation
            if not set(events) <= {"INVOKE"}:
                return _refusal(403, "ShutdownEventNotSupportedForInternalExtension")
            identifier = str(uuid.uuid4())
            self.extensions[identifier] = _Extension(name, events)
        described = {"functionName": FUNCTION, "functionVersion": "$LATEST", "handler": "handler"}
        return 200, json.dumps(described).encode(), {"Lambda-Extension-Identifier": identifier}

    def _settle(self, now: float) -> None:
        """See whether everybody waits; the lock is held."""
        if self._runtime is None or self._waiting.keys() != self.extensions.keys():
            return
        if self._current is not None:
            self._current.released_at = now
            self._current = None
        self.idle = True
        if self.sandbox.freeze:
            self._signal(signal.SIGSTOP)
        self._changed.notify_all()


def _refusal(status: int, kind: str) -> tuple[int, bytes, Mapping[str, str]]:
    return status, json.dumps({"errorMessage": kind, "errorType": kind}).encode(), {}
