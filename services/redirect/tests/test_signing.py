"""The signer gives what botocore's gives, for every request of the shape that it is for."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import example, given
from hypothesis import strategies as st

from redirect.aws import signing
from redirect.aws.credentials import Credentials
from redirect.aws.endpoints import parse_url
from redirect.aws.signing import Signer

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80)
NAMES = st.text(LETTERS + "0123456789-", min_size=1, max_size=30)
HOSTS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{2,10}){0,3}", fullmatch=True)
PORTS = st.none() | st.sampled_from([80, 443, 8080]) | st.integers(1, 65535)
PATHS = st.lists(st.text(LETTERS + "ABC0123456789-_~", min_size=1, max_size=8), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
EPOCHS = st.floats(0, 4102444799)


@dataclass(frozen=True)
class Case:
    """A request to be signed."""

    url: str = "https://dynamodb.us-east-1.amazonaws.com/"
    service: str = "dynamodb"
    region: str = "us-east-1"
    target: str = "DynamoDB_20120810.GetItem"
    body: bytes = b"{}"
    who: Credentials = Credentials("AKID", "SECRET", "token/+=")  # noqa: RUF009 nobody changes it
    epoch: float = 1795361218.9
    version: str = "1.0"

    @property
    def kind(self) -> str:
        return f"application/x-amz-json-{self.version}"


def by_botocore(case: Case) -> dict[str, str]:
    """Return the headers that botocore would send."""
    headers = {"Content-Type": case.kind, "X-Amz-Target": case.target}
    request = AWSRequest("POST", case.url, data=case.body, headers=headers)
    who = BotocoreCredentials(case.who.access_key, case.who.secret_key, case.who.token or None)
    moment = datetime.fromtimestamp(int(case.epoch), UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda: moment)
        SigV4Auth(who, case.service, case.region).add_auth(request)
    return dict(request.headers.items())


def by_us(lines: str) -> dict[str, str]:
    assert lines.endswith("\r\n")
    return dict(line.split(": ", 1) for line in lines[:-2].split("\r\n"))


credentials = st.builds(Credentials, PRINTABLE, PRINTABLE, st.just("") | PRINTABLE)


urls = st.builds(
    lambda scheme, host, port, path: f"{scheme}://{host}{'' if port is None else f':{port}'}{path}",
    st.sampled_from(["http", "https"]),
    HOSTS,
    PORTS,
    PATHS,
)
cases = st.builds(
    Case,
    url=urls,
    service=NAMES,
    region=NAMES,
    target=PRINTABLE,
    body=st.binary(max_size=200),
    who=credentials,
    epoch=EPOCHS,
    version=st.sampled_from(["1.0", "1.1"]),
)


@given(cases)
@example(Case())
@example(Case(url="http://127.0.0.1:4566/", who=Credentials("AKID", "SECRET")))
def test_it_signs_as_botocore_does(case: Case) -> None:
    endpoint = parse_url(case.url)
    signer = Signer(case.service, case.region, endpoint.host_header, endpoint.path, case.kind)
    expected = by_botocore(case)
    signed = by_us(signer.sign(case.target, case.body, case.who, case.epoch))
    assert signed.pop("Authorization") == expected["Authorization"]
    assert signed.pop("X-Amz-Date") == expected["X-Amz-Date"]
    token = {"X-Amz-Security-Token": expected["X-Amz-Security-Token"]} if case.who.token else {}
    assert signed == token


@given(st.lists(st.tuples(credentials, EPOCHS), min_size=2, max_size=6))
@example([(Credentials("A", "one"), 86399.0), (Credentials("A", "one"), 86400.0)])
@example([(Credentials("A", "one"), 0.0), (Credentials("A", "two"), 0.0), (Credentials("A", "one"), 0.0)])
def test_one_signer_follows_days_and_secrets(calls: list[tuple[Credentials, float]]) -> None:
    signer = Signer("events", "us-east-1", "events", "/", "application/x-amz-json-1.1")
    for who, epoch in calls:
        case = Case("https://events/", "events", "us-east-1", "T.Op", b"x", who, epoch, "1.1")
        signed = by_us(signer.sign("T.Op", b"x", who, epoch))
        assert signed["Authorization"] == by_botocore(case)["Authorization"]


def test_the_key_is_derived_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[Any] = []
    digest = signing.hmac_digest
    monkeypatch.setattr(
        signing, "hmac_digest", lambda key, message, kind: derived.append(key) or digest(key, message, kind)
    )
    signer, who = Signer("sqs", "eu-west-1", "sqs", "/", "x"), Credentials("A", "secret")
    for epoch, operations in [(0, 4), (86399, 0), (86400, 4), (86401, 0)]:
        derived.clear()
        signer.sign("T.Op", b"", who, epoch)
        assert len(derived) == operations


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_the_time_is_utc_wherever_the_process_is(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        signed = Signer("sqs", "eu-west-1", "sqs", "/", "x").sign("T.Op", b"", Credentials("A", "s"), 0)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert by_us(signed)["X-Amz-Date"] == "19700101T000000Z"
