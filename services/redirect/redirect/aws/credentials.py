"""Who signs: the keys in the environment, as Lambda gives them, or those that a local endpoint hands out.

Lambda hands out keys by an endpoint (AWS_CONTAINER_CREDENTIALS_FULL_URI) where a sandbox is restored from a
snapshot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from redirect.aws.connection import Answer, Connection
from redirect.aws.endpoints import Endpoint, parse_url
from redirect.aws.errors import AwsError, CredentialsError
from redirect.aws.trust import make_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

REFRESH_SECONDS = 300
"""For how long before their end credentials are taken for old."""

RETRY_SECONDS = 10
"""For how long a refresh that brought nothing newer is left alone, while the old ones still hold."""

_TASK_ENDPOINT = "http://169.254.170.2"
_LOCAL_HOSTS = frozenset({"169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", "::1"})
_DIGITS_AND_DOTS = frozenset("0123456789.")
_SECONDS = 1.0


class Credentials:
    """Who asks.

    Parameters
    ----------
    access_key, secret_key
        The two halves of the key.
    token
        Session token, empty for a long-lived key.
    expires_at
        Seconds since 1970, or None if nobody knows.
    """

    __slots__ = ("access_key", "expires_at", "secret_key", "token")

    def __init__(
        self, access_key: str, secret_key: str, token: str = "", expires_at: float | None = None
    ) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.expires_at = expires_at


class CredentialsSource:
    """Gives the current credentials: asked before every call, so that a rotation is followed.

    Parameters
    ----------
    environ
        Environment variables, read anew each time.
    clock
        Seconds since 1970.
    """

    def __init__(self, environ: Mapping[str, str], clock: Callable[[], float]) -> None:
        self._environ = environ
        self._clock = clock
        self._fetched: Credentials | None = None
        self._retry_at = 0.0

    def current(self) -> Credentials:
        """Return credentials that hold.

        Raises
        ------
        CredentialsError
            If there are none.
        """
        environ = self._environ
        access_key = environ.get("AWS_ACCESS_KEY_ID")
        if access_key:
            secret_key = environ.get("AWS_SECRET_ACCESS_KEY")
            if not secret_key:
                raise CredentialsError("AWS_SECRET_ACCESS_KEY is not set")
            return Credentials(access_key, secret_key, environ.get("AWS_SESSION_TOKEN", ""))
        return self._from_endpoint()

    def forget(self) -> None:
        """Fetch anew before the next call: AWS did not accept these."""
        self._fetched = None
        self._retry_at = 0.0

    def _from_endpoint(self) -> Credentials:
        now, held = self._clock(), self._fetched
        if held is not None:
            left = float("inf") if held.expires_at is None else held.expires_at - now
            if left > REFRESH_SECONDS or (left > 0 and now < self._retry_at):
                return held
        self._retry_at = now + RETRY_SECONDS
        try:
            self._fetched = self._fetch()
        except CredentialsError:
            if held is None or held.expires_at is None or held.expires_at <= now:
                raise
            return held
        return self._fetched

    def _fetch(self) -> Credentials:
        try:
            endpoint = self._endpoint()
            headers = f"GET {endpoint.path} HTTP/1.1\r\nHost: {endpoint.host_header}\r\n"
            authorization = self._authorization()
            if authorization:
                headers += f"Authorization: {authorization}\r\n"
            answer = self._ask(endpoint, f"{headers}Accept: application/json\r\n\r\n".encode())
            return _read(answer)
        except CredentialsError:
            raise
        except (AwsError, ValueError, RecursionError) as error:
            raise CredentialsError("the credentials' endpoint gave none") from error

    def _ask(self, endpoint: Endpoint, request: bytes) -> Answer:
        tls = make_context(endpoint.host, self._environ) if endpoint.tls else None
        connection = Connection(endpoint, connect_seconds=_SECONDS, read_seconds=_SECONDS, tls=tls)
        try:
            return connection.exchange(request, deadline=None)
        finally:
            connection.close()

    def _endpoint(self) -> Endpoint:
        relative = self._environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
        full = self._environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if not relative and not full:
            raise CredentialsError("neither keys nor an endpoint that gives them are in the environment")
        endpoint = parse_url(_TASK_ENDPOINT + relative if relative else full or "")
        # The token must not be sent in clear to another machine.
        if not endpoint.tls and not _is_local(endpoint.host):
            raise CredentialsError(f"{endpoint.host} is neither local nor encrypted")
        return endpoint

    def _authorization(self) -> str:
        file = self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        if file:
            try:
                with open(file, encoding="utf-8") as opened:  # noqa: PTH123 pathlib costs a cold start
                    token = opened.read().strip()
            except (OSError, ValueError) as error:
                raise CredentialsError("the credentials' token cannot be read") from error
        else:
            token = self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        if "\r" in token or "\n" in token:
            raise CredentialsError("the credentials' token is no header")
        return token


def _is_local(host: str) -> bool:
    return host in _LOCAL_HOSTS or (host.startswith("127.") and _DIGITS_AND_DOTS.issuperset(host))


def _read(answer: Answer) -> Credentials:
    """Read what the endpoint gave; raises `ValueError` if that is something else."""
    if answer.status != 200:
        raise CredentialsError(f"the credentials' endpoint answered {answer.status}")
    given = json.loads(answer.body)
    if not isinstance(given, dict):
        raise CredentialsError("the credentials' endpoint gave no object")
    access_key, secret_key = _text(given, "AccessKeyId"), _text(given, "SecretAccessKey")
    token, expiration = _text(given, "Token"), _text(given, "Expiration")
    if not access_key or not secret_key:
        raise CredentialsError("the credentials' endpoint gave no keys")
    expires_at = None
    if expiration:
        moment = datetime.fromisoformat(expiration)
        expires_at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return Credentials(access_key, secret_key, token, expires_at)


def _text(given: dict[str, Any], name: str) -> str:
    """Return a field that can stand in a header, empty if it is absent."""
    text = given.get(name) or ""
    if not isinstance(text, str) or not text.isascii() or not text.isprintable():
        raise CredentialsError(f"the credentials' endpoint gave an unusable {name}")
    return text
