"""The right keys at every time: those of the environment, or those that an endpoint hands out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from services.redirect.tests.aws_server import Act, ScriptedServer, answer, certified, reset, then_hang_up
from services.redirect.tests.support import CLOCK_START, FakeClock

from redirect.aws import credentials as credentials_module
from redirect.aws.credentials import REFRESH_SECONDS, RETRY_SECONDS, Credentials, CredentialsSource
from redirect.aws.errors import CredentialsError

FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"


def handed_out(name: str = "A", expiration: str | None = "2026-11-22T16:26:58Z", **changes: Any) -> bytes:
    """What an endpoint answers; without `expiration` it is good for an hour."""
    given = {"AccessKeyId": name, "SecretAccessKey": "secret", "Token": "token", "Expiration": expiration}
    return answer(json.dumps({**given, **changes}).encode())


def told(credentials: Credentials) -> tuple[str, str, str]:
    return credentials.access_key, credentials.secret_key, credentials.token


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class TestEnvironment:
    def test_keys_are_taken_from_it(self, clock: FakeClock) -> None:
        environ = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}
        assert told(CredentialsSource(environ, clock).current()) == ("A", "b", "c")

    def test_a_long_lived_key_has_no_token(self, clock: FakeClock) -> None:
        environ = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b"}
        assert told(CredentialsSource(environ, clock).current()) == ("A", "b", "")

    def test_a_rotation_is_followed(self, clock: FakeClock) -> None:
        environ = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}
        source = CredentialsSource(environ, clock)
        source.current()
        environ |= {"AWS_ACCESS_KEY_ID": "A2", "AWS_SECRET_ACCESS_KEY": "b2", "AWS_SESSION_TOKEN": "c2"}
        assert told(source.current()) == ("A2", "b2", "c2")

    def test_they_come_before_an_endpoint(self, clock: FakeClock) -> None:
        with ScriptedServer() as server:
            environ = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b", FULL: server.url}
            assert told(CredentialsSource(environ, clock).current()) == ("A", "b", "")
            assert server.requests == []

    @pytest.mark.parametrize(
        "environ", [{}, {"AWS_ACCESS_KEY_ID": ""}, {"AWS_ACCESS_KEY_ID": "A"}, {"AWS_SECRET_ACCESS_KEY": "b"}]
    )
    def test_half_a_key_is_none(self, environ: dict[str, str], clock: FakeClock) -> None:
        with pytest.raises(CredentialsError):
            CredentialsSource(environ, clock).current()


class TestEndpoint:
    @pytest.fixture
    def server(self) -> Iterator[ScriptedServer]:
        with ScriptedServer() as server:
            yield server

    @pytest.fixture
    def source(self, server: ScriptedServer, clock: FakeClock) -> CredentialsSource:
        return CredentialsSource({FULL: f"{server.url}/keys?id=7"}, clock)

    def test_keys_are_fetched_once(self, server: ScriptedServer, source: CredentialsSource) -> None:
        server.then(handed_out())
        assert [told(source.current()) for _ in range(3)] == [("A", "secret", "token")] * 3
        [request] = server.requests
        assert request.line == "GET /keys?id=7 HTTP/1.1"
        assert request.headers == {"host": f"127.0.0.1:{server.port}", "accept": "application/json"}

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
    def test_any_local_address_may_hand_them_out(
        self, server: ScriptedServer, clock: FakeClock, host: str
    ) -> None:
        server.then(handed_out())
        url = f"http://{host}:{server.port}/"
        if host == "127.0.0.2":  # where nobody listens: it is asked, nevertheless
            with pytest.raises(CredentialsError, match="gave none"):
                CredentialsSource({FULL: url}, clock).current()
        else:
            assert CredentialsSource({FULL: url}, clock).current().access_key == "A"

    def test_a_relative_address_comes_first(
        self, server: ScriptedServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(credentials_module, "_TASK_ENDPOINT", server.url)
        server.then(handed_out())
        environ = {RELATIVE: "/v2/credentials/x-y", FULL: "http://127.0.0.1:1/"}
        assert CredentialsSource(environ, clock).current().access_key == "A"
        assert server.requests[0].line == "GET /v2/credentials/x-y HTTP/1.1"

    def test_the_task_endpoint_is_amazons(self) -> None:
        from botocore.utils import ContainerMetadataFetcher  # noqa: PLC0415 the oracle of this test only

        assert (
            credentials_module._TASK_ENDPOINT.removeprefix("http://") == ContainerMetadataFetcher.IP_ADDRESS
        )
        assert set(ContainerMetadataFetcher._ALLOWED_HOSTS) <= credentials_module._LOCAL_HOSTS

    def test_a_token_is_shown(self, server: ScriptedServer, clock: FakeClock) -> None:
        server.then(handed_out())
        CredentialsSource({FULL: server.url, TOKEN: "Basic abc"}, clock).current()
        assert server.requests[0].headers["authorization"] == "Basic abc"

    def test_a_tokens_file_is_read_each_time(
        self, server: ScriptedServer, clock: FakeClock, tmp_path: Path
    ) -> None:
        file = tmp_path / "token"
        source = CredentialsSource({FULL: server.url, f"{TOKEN}_FILE": str(file), TOKEN: "other"}, clock)
        for token in ("one", "two"):
            file.write_text(f"{token}\n")
            server.then(handed_out())
            source.current()
            source.forget()
        assert [request.headers["authorization"] for request in server.requests] == ["one", "two"]

    @pytest.mark.parametrize("content", [None, b"a\r\nX-Injected: b", b"\xff\xfe"])
    def test_a_token_that_is_none(
        self, server: ScriptedServer, clock: FakeClock, tmp_path: Path, content: bytes | None
    ) -> None:
        file = tmp_path / "token"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(CredentialsError, match="token"):
            CredentialsSource({FULL: server.url, f"{TOKEN}_FILE": str(file)}, clock).current()
        assert server.requests == []

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.org/",
            "http://127.example.org/",
            "http://127.0.0.1.example.org/",
            "http://169.254.169.254/",
            "http://169.254.170.2.example.org/",
            "http://user@localhost/",
            "ftp://localhost/",
            "localhost",
        ],
    )
    def test_nobody_else_is_asked_in_clear(self, url: str, clock: FakeClock) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(credentials_module, "Connection", None)
            with pytest.raises(CredentialsError):
                CredentialsSource({FULL: url, TOKEN: "secret"}, clock).current()

    @pytest.mark.parametrize("start", [".example.org/", "@example.org/", ":80@example.org/"])
    def test_a_relative_address_leads_nowhere_else(self, start: str, clock: FakeClock) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(credentials_module, "Connection", None)
            with pytest.raises(CredentialsError):
                CredentialsSource({RELATIVE: start}, clock).current()

    def test_anybody_may_be_asked_who_proves_who_he_is(self, clock: FakeClock, tmp_path: Path) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        with ScriptedServer(handed_out(), tls=certified(authority)) as server:
            environ = {FULL: server.url, "AWS_CA_BUNDLE": str(tmp_path / "ca.pem")}
            assert CredentialsSource(environ, clock).current().access_key == "A"
        with ScriptedServer(handed_out(), tls=certified(trustme.CA())) as server:
            source = CredentialsSource({**environ, FULL: server.url}, clock)
            with pytest.raises(CredentialsError):
                source.current()

    def test_they_are_fetched_again_before_they_end(
        self, server: ScriptedServer, source: CredentialsSource, clock: FakeClock
    ) -> None:
        server.then(handed_out("A"), handed_out("B", "2026-11-22T18:26:58Z"))
        assert source.current().access_key == "A"
        clock.now += 3600 - REFRESH_SECONDS - 1
        assert source.current().access_key == "A"
        clock.now += 2
        assert source.current().access_key == "B"
        assert len(server.requests) == 2

    def test_those_that_never_end_are_kept(
        self, server: ScriptedServer, source: CredentialsSource, clock: FakeClock
    ) -> None:
        server.then(handed_out("A", None))
        source.current()
        clock.now += 10**9
        assert source.current().access_key == "A"

    def test_those_that_were_refused_are_fetched_again(
        self, server: ScriptedServer, source: CredentialsSource
    ) -> None:
        server.then(handed_out("A"), handed_out("B"))
        source.current()
        source.forget()
        assert source.current().access_key == "B"

    @pytest.mark.parametrize(
        "failure", [reset, answer(b"busy", 500), answer(b"no json"), then_hang_up(b"HT")]
    )
    def test_old_ones_do_as_long_as_they_hold(
        self, server: ScriptedServer, source: CredentialsSource, clock: FakeClock, failure: Act
    ) -> None:
        server.then(handed_out("A"), failure, failure, failure, handed_out("B", "2026-11-22T20:26:58Z"))
        source.current()
        clock.now += 3600 - REFRESH_SECONDS + 1
        for _ in range(3):
            assert source.current().access_key == "A"
        assert len(server.requests) == 2, "a failure is left alone for some seconds"
        clock.now += RETRY_SECONDS
        assert source.current().access_key == "A"
        assert len(server.requests) == 3
        clock.now = CLOCK_START + 3600
        with pytest.raises(CredentialsError):
            source.current()
        assert source.current().access_key == "B"

    def test_short_lived_ones_are_not_fetched_for_every_call(
        self, server: ScriptedServer, source: CredentialsSource, clock: FakeClock
    ) -> None:
        server.then(*[handed_out(name, "2026-11-22T15:28:58Z") for name in "AB"])
        assert [source.current().access_key for _ in range(5)] == ["A"] * 5
        clock.now += RETRY_SECONDS
        assert [source.current().access_key for _ in range(5)] == ["B"] * 5

    @pytest.mark.parametrize(
        "given",
        [
            answer(b""), answer(b"null"), answer(b"[]"), answer(b"7"), answer(b'"AccessKeyId"'),
            answer(b"{}"), answer(b"[" * 100000), answer(b"\xff"), answer(b"{}", 404), handed_out(""),
            handed_out(SecretAccessKey=""),
            handed_out(SecretAccessKey=None), handed_out(AccessKeyId=7), handed_out(SecretAccessKey=["s"]),
            handed_out(Token={"a": 1}), handed_out("A\r\nX: y"), handed_out(Token="é"),
            handed_out(Token="a\nb"), handed_out(expiration="soon"), handed_out(Expiration=7),
            handed_out(expiration="2026-13-01T00:00:00Z"), handed_out(Expiration=True),
        ],
    )  # fmt: skip
    def test_what_is_no_credentials_is_refused(
        self, server: ScriptedServer, source: CredentialsSource, given: bytes
    ) -> None:
        server.then(given)
        with pytest.raises(CredentialsError):
            source.current()

    @pytest.mark.parametrize(
        "moment",
        [
            "2026-11-22T16:26:58Z",
            "2026-11-22T17:26:58+01:00",
            "2026-11-22T16:26:58",
            "2026-11-22T16:26:58.000Z",
        ],
    )
    def test_an_end_may_be_written_in_many_ways(
        self, server: ScriptedServer, source: CredentialsSource, moment: str
    ) -> None:
        server.then(handed_out(expiration=moment))
        assert source.current().expires_at == CLOCK_START + 3600

    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    )

    @given(
        st.binary(max_size=20)
        | json_values.map(lambda value: json.dumps(value).encode())
        | st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("AccessKeyId", "SecretAccessKey", "Token", "Expiration"), json_values)
        ).map(lambda value: json.dumps(value).encode())
    )
    def test_whatever_is_handed_out_is_read_or_refused(self, body: bytes) -> None:
        try:
            read = credentials_module._read(credentials_module.Answer(200, {}, body))
        except (CredentialsError, ValueError, RecursionError):
            return  # all of which the caller turns into the first
        assert read.access_key
        assert read.secret_key
        assert f"{read.access_key}{read.token}".isprintable()
