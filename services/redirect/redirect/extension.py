"""Work after the response: an internal Lambda extension, so that no visitor waits for counting.

Lambda answers the visitor as soon as the runtime posts the response, and lets the sandbox go on until the
runtime and every registered extension ask for what comes next. So a thread of this process registers as
one, and asks only when the work of the last request is done.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html

Where there is no such interface, the work is done before the response.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from queue import SimpleQueue

from redirect.aws.connection import Connection
from redirect.aws.endpoints import parse_url
from redirect.aws.errors import AwsError
from redirect.logs import log

Work = Callable[[float], None]
"""Something to do by a deadline (`time.monotonic`)."""

NAME = "clicks"

BUDGET_SECONDS = 3.0
"""For how long a sandbox is held after its response, whatever the work."""

MARGIN_SECONDS = 0.3
"""How long before the function's own timeout the work must be over: a sandbox that runs into it is lost."""

_API = "/2020-01-01/extension"
_REGISTER_SECONDS = 1.0
_PAUSE_SECONDS = 0.05


class AfterResponse:
    """Does each request's work after its response.

    Parameters
    ----------
    environ
        Environment variables: `AWS_LAMBDA_RUNTIME_API` says where the Extensions API is, if there is one.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("AWS_LAMBDA_RUNTIME_API")
        self._next = b""
        self._thread: threading.Thread | None = None
        self._ended: SimpleQueue[tuple[Work | None, float]] = SimpleQueue()

    def start(self) -> None:
        """Register; Lambda allows it while the function is initialised, and never again."""
        if self._address is None:
            return
        endpoint = parse_url(f"http://{self._address}")
        api = Connection(endpoint, connect_seconds=_REGISTER_SECONDS, read_seconds=_REGISTER_SECONDS)
        body = b'{"events":["INVOKE"]}'
        head = (
            f"POST {_API}/register HTTP/1.1\r\nHost: {endpoint.host_header}\r\n"
            f"Lambda-Extension-Name: {NAME}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            answer = api.exchange(head.encode() + body, deadline=None)
        except AwsError as error:
            log("WARNING", "extension not registered", error=type(error).__name__)
            return
        finally:
            api.close()
        if answer.status != 200:
            log("WARNING", "extension not registered", status=answer.status)
            return
        name = answer.headers["lambda-extension-identifier"]
        self._next = (
            f"GET {_API}/event/next HTTP/1.1\r\nHost: {endpoint.host_header}\r\n"
            f"Lambda-Extension-Identifier: {name}\r\n\r\n"
        ).encode()
        # Patient: it waits for the next request, however long that is.
        self._api = Connection(endpoint, connect_seconds=_REGISTER_SECONDS, read_seconds=None)
        self._run(self._serve)

    def end(self, work: Work | None, seconds_left: float) -> None:
        """Say that a request is answered, or is about to be.

        Parameters
        ----------
        work
            What is to be done for it, if anything; it is done once.
        seconds_left
            Until the function's timeout.
        """
        deadline = time.monotonic() + min(BUDGET_SECONDS, seconds_left - MARGIN_SECONDS)
        if self._thread is None:
            _do(work, deadline)
            return
        self._ended.put((work, deadline))
        if not self._thread.is_alive():
            # Without a thread that asks for the next request, this one would last until the timeout.
            self._run(self._resume)

    def _run(self, target: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=target, name=NAME, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Finish requests for as long as the sandbox lives."""
        while True:
            try:
                self._api.send(self._next)
                # Lambda's word that there is a request is read when that has ended: to be woken by it takes
                # the processor from the visitor's answer.
                _do(*self._ended.get())
                answer = self._api.receive()
                if answer.status != 200:
                    raise AwsError(f"the API answered {answer.status}")  # noqa: TRY301
            except BaseException as error:  # noqa: BLE001 nobody else would ask for the next request
                self._api.close()
                log("ERROR", "extension stumbled", error=type(error).__name__)
                time.sleep(_PAUSE_SECONDS)

    def _resume(self) -> None:
        """Finish the request at which another thread died, and go on in its place."""
        _do(*self._ended.get())
        self._api.close()
        self._serve()


def _do(work: Work | None, deadline: float) -> None:
    if work is None:
        return
    try:
        work(deadline)
    except Exception as error:  # noqa: BLE001 the next request has its own work
        log("ERROR", "work after a response failed", error=type(error).__name__)
