"""An endpoint that answers AWS's JSON protocol as if it were AWS: after a constant time, or with faults.

    with AwsEndpoint() as aws:
        aws.fail("PutEvents", THROTTLED, times=1)
        aws.latency["SendMessage"] = 2.0
        ...run something with AWS_ENDPOINT_URL=aws.url...
        assert aws.count("PutEvents") == 2

In a process of its own, so that it shares no interpreter with what is measured:

    python -m tests.support.aws_endpoint --latency-ms 3

It prints its URL, and answers `GET /calls` with the number of calls by access key and operation.
"""

import argparse
import contextlib
import json
import re
import ssl
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self

from tests.support.http_server import Connection, Request, Server, encode

LATENCY_SECONDS = 0.003
TARGET_URL = "https://example.com/some/long/path?x=1"
OWNER = "user-123"

Answer = Callable[[dict[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Fault:
    """How a call fails.

    Parameters
    ----------
    status, kind
        The HTTP status and the type of the error, if it is answered with one.
    body
        The answer, instead of one that says `kind`.
    headers
        Of the answer, beside the usual ones.
    cut_after
        After so many bytes of the answer the connection is reset.
    delay
        So many seconds pass before all that, beside the usual latency.
    """

    status: int = 500
    kind: str = "InternalServerError"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    delay: float = 0


SERVER_ERROR = Fault()
UNAVAILABLE = Fault(503, "ServiceUnavailable")
THROTTLED = Fault(400, "ThrottlingException")
TOO_MUCH = Fault(400, "ProvisionedThroughputExceededException")
"""How DynamoDB throttles."""
DENIED = Fault(400, "AccessDeniedException")
EXPIRED_TOKEN = Fault(400, "ExpiredTokenException")
CLOSED = Fault(cut_after=0)
"""The connection ends without an answer."""
CUT = Fault(status=200, body=b'{"Item":{"originalUrl":{"S":"https://example.com/"}}}', cut_after=150)
"""The connection ends in the middle of the answer."""
GARBAGE = Fault(status=200, body=b"<html>")
ENTRY_FAILED = Fault(
    status=200,
    body=b'{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalException","ErrorMessage":"injected"}]}',
)
"""PutEvents answers well, and the event was not taken."""


@dataclass(frozen=True)
class Call:
    """A call that was answered, or failed.

    Parameters
    ----------
    operation
        `GetItem`, for instance.
    begun_at, ended_at
        When the request was here, and when the answer went out (`time.monotonic()`).
    body
        The request's, decoded.
    headers
        The request's, by their names in lower case.
    fault
        How it failed, if it did.
    """

    operation: str
    begun_at: float
    ended_at: float
    body: dict[str, Any]
    headers: Mapping[str, str]
    fault: Fault | None

    @property
    def access_key(self) -> str:
        """The access key that the request says it is signed with."""
        found = re.search(r"Credential=([^/]+)/", self.headers.get("authorization", ""))
        return found[1] if found else ""


class AwsEndpoint:
    """The endpoint. Use it as a context manager.

    Parameters
    ----------
    latency
        So many seconds pass before each answer.
    tls
        Encrypts its connections; its certificate has to be for 127.0.0.1.

    Attributes
    ----------
    latency
        By operation, where it is another.
    answers
        By operation: makes the answer from the request. `link` is what GetItem answers by default.
    links
        Items by code, where they are not the default one; None for none.
    access_keys
        If not None, others are refused as expired.
    container_credentials
        What `GET /credentials` answers.
    """

    def __init__(self, latency: float = LATENCY_SECONDS, tls: ssl.SSLContext | None = None) -> None:
        self.default_latency = latency
        self.latency: dict[str, float] = {}
        self.links: dict[str, Mapping[str, Any] | None] = {}
        self.access_keys: set[str] | None = None
        self.container_credentials: Mapping[str, str] | None = None
        self.answers: dict[str, Answer] = {
            "GetItem": self._get_item,
            "PutEvents": _put_events,
            "SendMessage": _send_message,
            "UpdateItem": lambda _: {},
        }
        self._calls: list[Call] = []
        self._faults: dict[str, list[Fault]] = {}
        self._always: dict[str, Fault] = {}
        self._lock = threading.Lock()
        self._tls = tls
        self._server = Server(self._serve, tls=tls)
        self._up = True
        self._port = self._server.port

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_down()

    @property
    def url(self) -> str:
        """What to set AWS_ENDPOINT_URL to, or AWS_ENDPOINT_URL_DYNAMODB and so on."""
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self._port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program needs to find it: endpoint, region and keys."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
        }

    def fail(self, operation: str, fault: Fault, times: int | None = None) -> None:
        """Let the next calls of an operation fail: so many of them, or all until `heal`."""
        with self._lock:
            if times is None:
                self._always[operation] = fault
            else:
                self._faults.setdefault(operation, []).extend([fault] * times)

    def heal(self, operation: str | None = None) -> None:
        """Let an operation, or every one, work again."""
        with self._lock:
            for healed in {*self._faults, *self._always} if operation is None else {operation}:
                self._faults.pop(healed, None)
                self._always.pop(healed, None)

    def go_down(self) -> None:
        """Refuse connections from now on, and end those there are."""
        if self._up:
            self._up = False
            self._server.close()

    def come_up(self) -> None:
        """Listen again, where it listened before."""
        if not self._up:
            self._server, self._up = Server(self._serve, self._port, self._tls), True

    def calls(self, operation: str | None = None) -> Sequence[Call]:
        """Return the calls so far, of one operation or of all, in the order in which they ended."""
        with self._lock:
            return [call for call in self._calls if operation in {None, call.operation}]

    def count(self, operation: str) -> int:
        """Return how many calls of an operation there were."""
        return len(self.calls(operation))

    def events(self) -> Sequence[Any]:
        """Return every event that arrived: what PutEvents took, then what SendMessage took."""
        details = [
            entry["Detail"]
            for call in self.calls("PutEvents")
            if call.fault is None
            for entry in call.body["Entries"]
        ]
        messages = [call.body["MessageBody"] for call in self.calls("SendMessage") if call.fault is None]
        return [json.loads(event) for event in [*details, *messages]]

    def forget(self) -> None:
        """Forget the calls so far."""
        with self._lock:
            self._calls.clear()

    def _serve(self, connection: Connection) -> None:
        while (request := connection.read()) is not None:
            if request.method == "GET":
                connection.send(*self._get(request))
            else:
                self._call(connection, request)

    def _get(self, request: Request) -> tuple[int, bytes]:
        if request.path == "/calls":
            return 200, json.dumps(self._calls_by_key()).encode()
        if request.path == "/credentials" and self.container_credentials is not None:
            return 200, json.dumps(self.container_credentials).encode()
        return 404, b"{}"

    def _calls_by_key(self) -> Mapping[str, Mapping[str, int]]:
        counts: dict[str, Counter[str]] = {}
        for call in self.calls():
            counts.setdefault(call.access_key, Counter())[call.operation] += 1
        return counts

    def _call(self, connection: Connection, request: Request) -> None:
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        due = request.arrived_at + self.latency.get(operation, self.default_latency)
        body = json.loads(request.body)
        call = Call(operation, request.arrived_at, 0, body, request.headers, None)
        fault = self._fault(call)
        answer = self._answer(call, fault)
        due += fault.delay if fault else 0
        time.sleep(max(0.0, due - time.monotonic()))
        with self._lock:  # who has the answer finds the call in the log
            ended_at = connection.send_raw(answer if fault is None else answer[: fault.cut_after])
            self._calls.append(Call(operation, call.begun_at, ended_at, body, call.headers, fault))
        if fault is not None and fault.cut_after is not None:
            connection.reset()

    def _fault(self, call: Call) -> Fault | None:
        with self._lock:
            if self.access_keys is not None and call.access_key not in self.access_keys:
                return EXPIRED_TOKEN
            scripted = self._faults.get(call.operation)
            if scripted:
                return scripted.pop(0)
            return self._always.get(call.operation)

    def _answer(self, call: Call, fault: Fault | None) -> bytes:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "Date": formatdate(usegmt=True),
            "x-amzn-RequestId": str(uuid.uuid4()),
        }
        if fault is not None:
            kind = {"__type": f"com.amazonaws.coral.service#{fault.kind}", "message": "injected"}
            body = fault.body if fault.body is not None else json.dumps(kind).encode()
            return encode(fault.status, body, {**headers, **fault.headers})
        if call.operation not in self.answers:
            return encode(400, b'{"__type":"UnknownOperationException"}', headers)
        return encode(200, json.dumps(self.answers[call.operation](call.body)).encode(), headers)

    def _get_item(self, request: dict[str, Any]) -> Mapping[str, Any]:
        code = request["Key"]["id"]["S"]
        item = self.links.get(code, link(code))
        if item is None:
            return {}
        wanted = request.get("ProjectionExpression")
        if wanted is None:
            return {"Item": item}
        aliases = request.get("ExpressionAttributeNames", {})
        names = {aliases.get(name.strip(), name.strip()) for name in wanted.split(",")}
        return {"Item": {name: value for name, value in item.items() if name in names}}


def link(code: str, url: str = TARGET_URL, **attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the item of a link, as DynamoDB has it."""
    return {
        "id": {"S": code},
        "originalUrl": {"S": url},
        "userId": {"S": OWNER},
        "clicks": {"N": "42"},
        **attributes,
    }


def _put_events(request: dict[str, Any]) -> Mapping[str, Any]:
    return {"FailedEntryCount": 0, "Entries": [{"EventId": str(uuid.uuid4())} for _ in request["Entries"]]}


def _send_message(_request: dict[str, Any]) -> Mapping[str, Any]:
    return {"MessageId": str(uuid.uuid4()), "MD5OfMessageBody": "0" * 32}


def main() -> None:
    """Serve until standard input ends, which it does at the latest when the parent process does."""
    parser = argparse.ArgumentParser(description="Answer AWS's JSON protocol after a constant time")
    parser.add_argument("--latency-ms", type=float, default=LATENCY_SECONDS * 1000)
    parser.add_argument("--certificate", help="encrypts: a PEM file with its key")
    options = parser.parse_args()
    tls = None
    if options.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(options.certificate)
    with AwsEndpoint(options.latency_ms / 1000, tls) as endpoint:
        sys.stdout.write(f"{endpoint.url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.read()


if __name__ == "__main__":
    main()
