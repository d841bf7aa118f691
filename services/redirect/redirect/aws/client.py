"""Calls to AWS's JSON services: signed, repeated where that helps, and given up in time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from time import monotonic, sleep

from redirect.aws.connection import Answer, Connection
from redirect.aws.credentials import CredentialsSource
from redirect.aws.endpoints import find_endpoint
from redirect.aws.errors import AwsError, RefusedError, UnansweredError
from redirect.aws.signing import Signer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext
    from typing import Any

THROTTLES = frozenset(
    {
        "BandwidthLimitExceeded",
        "KmsThrottled",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Error codes by which AWS says: later."""

CLOCK_ERRORS = frozenset(
    {
        "InvalidSignatureException",
        "RequestExpired",
        "RequestInTheFuture",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)
"""Error codes that a wrong clock leads to, among other things."""

ROTATION_ERRORS = frozenset({"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException"})
"""Error codes by which AWS says that the credentials hold no more."""

SKEW_SECONDS = 240
"""How far a clock may be off before it is set by AWS's: signatures hold for five minutes."""

BACKOFF_SECONDS = 0.025
"""The first wait between two attempts is random, up to this; it doubles."""


# Made once: `json.dumps` makes one for each call.
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Service:
    """One of AWS's JSON services.

    Parameters
    ----------
    name
        Host name's first word, and what is signed for.
    target
        What operations are called in the `X-Amz-Target` header.
    version
        Of the JSON protocol.
    variable
        The name in `AWS_ENDPOINT_URL_...`.
    """

    __slots__ = ("name", "target", "variable", "version")

    def __init__(self, name: str, target: str, version: str, variable: str) -> None:
        self.name = name
        self.target = target
        self.version = version
        self.variable = variable


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0", "DYNAMODB")
EVENTS = Service("events", "AWSEvents", "1.1", "EVENTBRIDGE")
SQS = Service("sqs", "AmazonSQS", "1.0", "SQS")


class AwsClient:
    """Calls one service over one connection; not for several threads at once.

    Parameters
    ----------
    service
        Which.
    region
        Where.
    credentials
        Who asks.
    environ
        Environment variables: where the endpoint is.
    tls
        Makes what a host's certificate is verified with; asked only where the endpoint is encrypted.
    connect_seconds, read_seconds
        What one attempt may take to connect, and then to be answered.
    attempts
        How often a call is tried in all.
    clock
        Seconds since 1970.
    pause
        Waits between attempts. An argument for tests.
    """

    def __init__(  # noqa: PLR0913 all but the first four are named
        self,
        service: Service,
        region: str,
        credentials: CredentialsSource,
        environ: Mapping[str, str],
        *,
        tls: Callable[[str, Mapping[str, str]], SSLContext],
        connect_seconds: float,
        read_seconds: float,
        attempts: int,
        clock: Callable[[], float],
        pause: Callable[[float], None] = sleep,
    ) -> None:
        endpoint = find_endpoint(service.name, service.variable, region, environ)
        content_type = f"application/x-amz-json-{service.version}"
        self._target = service.target
        self._credentials = credentials
        self._signer = Signer(service.name, region, endpoint.host_header, endpoint.path, content_type)
        self._connection = Connection(
            endpoint,
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
            tls=tls(endpoint.host, environ) if endpoint.tls else None,
        )
        self._start = (
            f"POST {endpoint.path} HTTP/1.1\r\n"
            f"Host: {endpoint.host_header}\r\n"
            f"Content-Type: {content_type}\r\n"
        )
        self._attempts = attempts
        self._clock = clock
        self._pause = pause
        self._skew = 0.0

    def connect(self) -> None:
        """Connect ahead of the first call; that it cannot is for the call to find."""
        try:
            self._connection.open()
        except UnansweredError:
            return

    def call(self, operation: str, request: Mapping[str, Any], deadline: float | None = None) -> Any:
        """Make a call and return what AWS answered.

        Parameters
        ----------
        operation
            For instance `GetItem`.
        request
            Its parameters.
        deadline
            By `time.monotonic`: when to give up whatever attempts are left.

        Raises
        ------
        UnansweredError
            If AWS gave no answer.
        RefusedError
            If it refused.
        CredentialsError
            If there is nobody to sign as.
        """
        body = _encode(request).encode()
        for attempt in range(1, self._attempts + 1):
            try:
                return self._attempt(operation, body, deadline)
            except AwsError as error:
                wait = BACKOFF_SECONDS * 2 ** (attempt - 1) * chance()
                late = deadline is not None and monotonic() + wait >= deadline
                if attempt == self._attempts or late or not self._is_worth_repeating(error):
                    raise
                if not isinstance(error, _AdjustedError):
                    self._pause(wait)
        raise AssertionError("at least one attempt")

    def _attempt(self, operation: str, body: bytes, deadline: float | None) -> Any:
        target = f"{self._target}.{operation}"
        signature = self._signer.sign(target, body, self._credentials.current(), self._clock() + self._skew)
        head = f"{self._start}X-Amz-Target: {target}\r\n{signature}Content-Length: {len(body)}\r\n\r\n"
        answer = self._connection.exchange(head.encode() + body, deadline)
        if answer.status != 200:
            raise self._refusal(answer)
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            self._connection.close()
            raise UnansweredError("the answer is no JSON") from error

    def _refusal(self, answer: Answer) -> RefusedError:
        code = _error_code(answer)
        if code in CLOCK_ERRORS and self._set_clock(answer.headers.get("date", "")):
            return _AdjustedError(answer.status, code)
        if code in ROTATION_ERRORS:
            self._credentials.forget()
            return _AdjustedError(answer.status, code)
        return RefusedError(answer.status, code)

    def _set_clock(self, date: str) -> bool:
        """Take over AWS's time if ours is far off; tell whether it was."""
        there = _read_date(date)
        if there is None:
            return False
        skew = there - self._clock()
        if abs(skew - self._skew) < SKEW_SECONDS:
            return False
        self._skew = skew
        return True

    @staticmethod
    def _is_worth_repeating(error: AwsError) -> bool:
        if isinstance(error, RefusedError):
            later = error.status >= 500 or error.status == 429 or error.code in THROTTLES
            return later or isinstance(error, _AdjustedError)
        return isinstance(error, UnansweredError)


class _AdjustedError(RefusedError):
    """AWS refused, for a reason that is mended now."""


def chance() -> float:
    """Return a random number from 0 to 1; the module `random` would cost a cold start more."""
    return int.from_bytes(os.urandom(2), "big") / 65535


def _error_code(answer: Answer) -> str:
    """Return AWS's name for an error, from the body or the header."""
    given: object = answer.headers.get("x-amzn-errortype", "")
    try:
        told = json.loads(answer.body)
        given = told.get("__type") or told.get("code") or given
    except (ValueError, RecursionError, AttributeError):
        pass
    return given.split(":", 1)[0].rsplit("#", 1)[-1] if isinstance(given, str) else ""


def _read_date(text: str) -> float | None:
    """Read an HTTP date: seconds since 1970, or None."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 only where a clock is wrong

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
