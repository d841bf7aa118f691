"""Calls that arrive, are repeated where that helps, and are given up in time."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
import trustme
from botocore.parsers import create_parser
from botocore.retries.standard import ThrottledRetryableChecker
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from services.redirect.tests.aws_server import (
    Act,
    ScriptedServer,
    answer,
    certified,
    reset,
    then_hang_up,
    then_wait,
)
from services.redirect.tests.support import CLOCK_START, FakeClock

from redirect.aws import client as client_module
from redirect.aws import connection as connection_module
from redirect.aws.client import (
    BACKOFF_SECONDS,
    CLOCK_ERRORS,
    DYNAMODB,
    EVENTS,
    ROTATION_ERRORS,
    SQS,
    THROTTLES,
    AwsClient,
    Service,
)
from redirect.aws.connection import Answer
from redirect.aws.credentials import CredentialsSource
from redirect.aws.errors import AwsError, CredentialsError, RefusedError, UnansweredError
from redirect.aws.trust import make_context

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}
ATTEMPTS = 3
PATIENT = 10.0
"""Seconds that no test waits for."""

BOTOCORE_MODELS = {
    DYNAMODB: ("dynamodb", "GetItem"),
    EVENTS: ("events", "PutEvents"),
    SQS: ("sqs", "SendMessage"),
}


def refusal(code: str, status: int = 400, **headers: str) -> bytes:
    return answer(
        json.dumps({"__type": f"com.amazonaws.dynamodb#{code}", "message": "no"}).encode(), status, **headers
    )


class World:
    """A client, the server that it calls, and the time."""

    def __init__(self, server: ScriptedServer, service: Service = DYNAMODB, **environ: str) -> None:
        self.server = server
        self.clock = FakeClock()
        self.pauses: list[float] = []
        self.environ = {**KEYS, "AWS_ENDPOINT_URL": server.url, **environ}
        self.client = AwsClient(
            service,
            "us-east-1",
            CredentialsSource(self.environ, self.clock),
            self.environ,
            tls=make_context,
            connect_seconds=PATIENT,
            read_seconds=PATIENT,
            attempts=ATTEMPTS,
            clock=self.clock,
            pause=self.pauses.append,
        )

    def call(self, *acts: Act, deadline: float | None = None) -> Any:
        self.server.then(*acts)
        return self.client.call("GetItem", {"Key": {"id": {"S": "é"}}}, deadline)

    @property
    def calls(self) -> int:
        return len(self.server.requests)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def world(server: ScriptedServer) -> Iterator[World]:
    world = World(server)
    yield world
    world.client._connection.close()


def test_a_call_arrives(world: World) -> None:
    assert world.call(answer(b'{"Item":{"id":{"S":"1"}}}')) == {"Item": {"id": {"S": "1"}}}
    [request] = world.server.requests
    assert request.line == "POST / HTTP/1.1"
    assert json.loads(request.body) == {"Key": {"id": {"S": "é"}}}
    signature = request.headers.pop("authorization")
    assert signature.startswith("AWS4-HMAC-SHA256 Credential=AKID/20261122/us-east-1/dynamodb/aws4_request, ")
    assert request.headers == {
        "host": f"127.0.0.1:{world.server.port}",
        "content-type": "application/x-amz-json-1.0",
        "content-length": str(len(request.body)),
        "x-amz-target": "DynamoDB_20120810.GetItem",
        "x-amz-date": "20261122T152658Z",
    }


class TestRepeating:
    @pytest.mark.parametrize(
        "failure",
        [
            refusal("ThrottlingException"),
            refusal("ProvisionedThroughputExceededException"),
            refusal("Whatever", 429),
            answer(b"", 429),
            refusal("InternalServerError", 500),
            answer(b"<html>", 502),
            answer(b"", 503),
            refusal("ThrottlingException", 503),
            answer(b"", 504),
            reset,
            then_hang_up(b""),
            then_hang_up(answer(b'{"Item":{}}')[:-1]),
            then_hang_up(answer()[:20]),
            answer(b"no json"),
            answer(b"[" * 100_000),
            answer(b"\xff"),
            answer(b""),
            b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        ],
    )  # fmt: skip
    def test_what_may_go_better_is_tried_again(self, world: World, failure: Act) -> None:
        assert world.call(failure, answer(b"7")) == 7
        assert len(world.pauses) == 1

    @pytest.mark.parametrize(
        "failure", [refusal("ThrottlingException"), answer(b"", 500), then_hang_up(b"HTTP")]
    )
    def test_attempts_come_to_an_end(self, world: World, failure: Act) -> None:
        with pytest.raises(AwsError):
            world.call(*[failure] * 9)
        assert world.calls == ATTEMPTS
        assert len(world.pauses) == ATTEMPTS - 1

    def test_pauses_grow_and_are_random(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        chances = iter([0.5, 1.0])
        monkeypatch.setattr(client_module, "chance", lambda: next(chances))
        world.call(answer(b"", 500), answer(b"", 500), answer())
        assert world.pauses == [0.5 * BACKOFF_SECONDS, 2 * BACKOFF_SECONDS]

    def test_chances_are_between_none_and_certainty(self) -> None:
        drawn = [client_module.chance() for _ in range(100)]
        assert all(0 <= chance <= 1 for chance in drawn)
        assert len(set(drawn)) > 50

    @pytest.mark.parametrize(
        ("failure", "status", "code"),
        [
            (refusal("AccessDeniedException"), 400, "AccessDeniedException"),
            (refusal("ResourceNotFoundException"), 400, "ResourceNotFoundException"),
            (refusal("ValidationException"), 400, "ValidationException"),
            (answer(b"", 403), 403, ""),
            (answer(b"<html>", 404), 404, ""),
            (answer(b"", 301), 301, ""),
            (answer(b"{}", 413, x_amzn_errortype="TooLarge"), 413, "TooLarge"),
        ],
    )
    def test_a_refusal_is_final(self, world: World, failure: Act, status: int, code: str) -> None:
        with pytest.raises(RefusedError) as told:
            world.call(failure, answer())
        assert (told.value.status, told.value.code) == (status, code)
        assert (world.calls, world.pauses) == (1, [])

    def test_a_connection_is_kept_over_refusals(self, world: World) -> None:
        world.call(refusal("ThrottlingException"), answer(b"", 500), answer())
        assert world.server.connections == 1

    def test_an_idle_connection_that_was_closed_costs_no_attempt(self, world: World) -> None:
        world.call(answer())
        world.call(reset, answer())
        assert world.pauses == []

    def test_without_keys_nobody_is_asked(self, world: World) -> None:
        world.environ.pop("AWS_ACCESS_KEY_ID")
        with pytest.raises(CredentialsError):
            world.call()
        assert (world.calls, world.pauses) == (0, [])


class TestDeadline:
    @pytest.fixture
    def monotonic(self, monkeypatch: pytest.MonkeyPatch) -> FakeClock:
        clock = FakeClock(1000.0)
        for module in (client_module, connection_module):
            monkeypatch.setattr(module, "monotonic", clock)
        return clock

    def test_there_is_no_attempt_after_it(self, world: World, monotonic: FakeClock) -> None:
        def fail_late(visitor: Any) -> None:
            monotonic.now += 3
            visitor.send(answer(b"", 500))

        with pytest.raises(AwsError):
            world.call(fail_late, fail_late, fail_late, deadline=1005.0)
        assert world.calls == 2

    def test_a_pause_that_would_last_until_it_is_not_made(
        self, world: World, monotonic: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(client_module, "chance", lambda: 1.0)
        with pytest.raises(RefusedError):
            world.call(answer(b"", 500), deadline=1000.0 + BACKOFF_SECONDS)
        assert (world.calls, world.pauses) == (1, [])

    def test_one_that_has_passed_sends_nothing(self, world: World, monotonic: FakeClock) -> None:
        world.client.connect()
        with pytest.raises(UnansweredError):
            world.call(deadline=1000.0)
        assert world.calls == 0

    def test_a_silent_server_is_left_at_it(self, world: World) -> None:
        import time  # noqa: PLC0415 this one test is about the real clock, and measures nothing

        with pytest.raises(UnansweredError, match="TimeoutError"):
            world.call(then_wait(b"HTTP/1.1"), deadline=time.monotonic() + 0.05)
        assert world.calls == 1


def http_date(epoch: float) -> str:
    return format_datetime(datetime.fromtimestamp(epoch, UTC), usegmt=True)


class TestClock:
    @pytest.mark.parametrize("code", sorted(CLOCK_ERRORS))
    @pytest.mark.parametrize("off", [-86400, -600, 600, 86400 * 400])
    def test_a_wrong_clock_is_set_once_and_stays_right(self, world: World, code: str, off: int) -> None:
        right = CLOCK_START + off
        world.call(refusal(code, 400, Date=http_date(right)), answer())
        world.clock.now += 60
        world.call(answer())
        times = [request.headers["x-amz-date"] for request in world.server.requests]
        expected = [CLOCK_START, right, right + 60]
        assert times == [f"{datetime.fromtimestamp(moment, UTC):%Y%m%dT%H%M%SZ}" for moment in expected]
        assert world.pauses == []

    @pytest.mark.parametrize(
        "date", [http_date(CLOCK_START + 100), "", "soon", "Sun, 99 Nov 2026 99:99:99 GMT"]
    )
    def test_a_signature_that_is_wrong_for_another_reason_is_refused(self, world: World, date: str) -> None:
        with pytest.raises(RefusedError, match="InvalidSignatureException"):
            world.call(refusal("InvalidSignatureException", 403, Date=date), answer())
        assert world.calls == 1

    def test_a_clock_that_was_put_right_is_believed_again(self, world: World) -> None:
        code = "RequestTimeTooSkewed"
        world.call(refusal(code, Date=http_date(CLOCK_START + 3600)), answer())
        world.clock.now += 3600
        world.call(refusal(code, Date=http_date(world.clock.now)), answer())
        assert world.server.requests[-1].headers["x-amz-date"] == "20261122T162658Z"

    @given(
        st.text(max_size=40)
        | st.from_regex(r"\w{3}, \d+ (Nov|Feb) \d+ \d+:\d+:\d+ (GMT|-0000|[+-]\d+)", fullmatch=True)
    )
    def test_whatever_a_date_is_it_is_read_or_not(self, text: str) -> None:
        read = client_module._read_date(text)
        assert read is None or isinstance(read, float)


class TestRotation:
    @pytest.mark.parametrize("code", sorted(ROTATION_ERRORS))
    def test_keys_that_hold_no_more_are_taken_anew(self, world: World, code: str) -> None:
        def rotate(visitor: Any) -> None:
            world.environ.update(AWS_ACCESS_KEY_ID="AKID2", AWS_SESSION_TOKEN="token2")
            visitor.send(refusal(code, 403))

        world.call(rotate, answer())
        old, new = world.server.requests
        assert "Credential=AKID/" in old.headers["authorization"]
        assert "Credential=AKID2/" in new.headers["authorization"]
        assert new.headers["x-amz-security-token"] == "token2"
        assert world.pauses == []

    def test_an_endpoints_keys_are_fetched_anew(self, world: World) -> None:
        handed_out = [
            answer(json.dumps({"AccessKeyId": name, "SecretAccessKey": "s", "Token": "t"}).encode())
            for name in "AB"
        ]
        world.environ.pop("AWS_ACCESS_KEY_ID")
        with ScriptedServer(*handed_out) as keys:
            world.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = keys.url
            world.call(answer(), refusal("ExpiredTokenException"))
            world.call(answer())
            assert len(keys.requests) == 2
        signers = [r.headers["authorization"].split("Credential=")[1][0] for r in world.server.requests]
        assert signers == ["A", "A", "B"]

    def test_keys_that_never_hold_are_given_up(self, world: World) -> None:
        with pytest.raises(RefusedError, match="UnrecognizedClientException"):
            world.call(*[refusal("UnrecognizedClientException")] * 9)
        assert world.calls == ATTEMPTS


class TestErrorCodes:
    """The parser of botocore is the oracle."""

    @staticmethod
    def by_botocore(service: Service, told: Answer) -> str:
        name, operation = BOTOCORE_MODELS[service]
        model = botocore.session.Session().get_service_model(name)
        shape = model.operation_model(operation).output_shape
        response = {"status_code": told.status, "headers": told.headers, "body": told.body}
        return str(create_parser("json").parse(response, shape)["Error"]["Code"])

    @pytest.mark.parametrize(
        ("body", "header"),
        [
            ({"__type": "ThrottlingException"}, ""),
            ({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}, ""),
            ({"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "x"}, ""),
            ({"__type": "ThrottlingException:http://internal.amazon.com/coral/"}, ""),
            ({"__type": "aws.protocoltests#FooError:http://internal.amazon.com/coral/x#y"}, ""),
            ({"__type": "Body", "code": "Other"}, "Header"),
        ],
    )
    def test_it_is_in_the_body(self, body: dict[str, str], header: str) -> None:
        told = Answer(400, {"x-amzn-errortype": header}, json.dumps(body).encode())
        assert client_module._error_code(told) == self.by_botocore(DYNAMODB, told)

    @pytest.mark.parametrize("body", [b"{}", b"", b"<html>", b"[]", b"null", b'{"__type":null}'])
    @pytest.mark.parametrize("header", ["Foo", "Foo:http://x/", "a.b#Foo", "a.b#Foo:http://x/#y"])
    def test_or_in_a_header(self, body: bytes, header: str) -> None:
        assert client_module._error_code(Answer(400, {"x-amzn-errortype": header}, body)) == "Foo"

    @given(st.binary(max_size=30) | st.dictionaries(st.sampled_from(["__type", "code"]), st.text() | st.none()
        | st.integers() | st.lists(st.text())).map(lambda given: json.dumps(given).encode()))  # fmt: skip
    def test_or_nowhere(self, body: bytes) -> None:
        assert isinstance(client_module._error_code(Answer(400, {}, body)), str)

    def test_throttles_are_those_of_botocore(self) -> None:
        elsewhere = {"EC2ThrottledException", "PriorRequestNotComplete", "TransactionInProgressException"}
        assert set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES) - THROTTLES == elsewhere


class TestTls:
    def test_calls_are_encrypted_and_verified(self, tmp_path: Path) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        with ScriptedServer(answer(b"1"), answer(b"2"), tls=certified(authority)) as server:
            world = World(server, AWS_CA_BUNDLE=str(tmp_path / "ca.pem"))
            assert [world.call(), world.call()] == [1, 2]
            assert server.connections == 1
            world.client._connection.close()
        with ScriptedServer(answer(), tls=certified(trustme.CA())) as server:
            with pytest.raises(UnansweredError, match="SSLCertVerificationError"):
                World(server, AWS_CA_BUNDLE=str(tmp_path / "ca.pem")).call()
            assert server.requests == []


class TestMoto:
    """AWS as moto has it, which reads requests by botocore's models; and botocore to look at the outcome."""

    @pytest.fixture(scope="class")
    @staticmethod
    def url() -> Iterator[str]:
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()

    @pytest.fixture
    def calling(self, url: str) -> Iterator[Callable[[Service], AwsClient]]:
        made: list[AwsClient] = []
        environ = {**KEYS, "AWS_ENDPOINT_URL": url}

        def make(service: Service) -> AwsClient:
            clock = datetime.now(UTC).timestamp
            made.append(
                AwsClient(
                    service, "us-east-1", CredentialsSource(environ, clock), environ,
                    tls=make_context, connect_seconds=PATIENT, read_seconds=PATIENT, attempts=1, clock=clock,
                )
            )  # fmt: skip
            return made[-1]

        yield make
        for client in made:
            client._connection.close()

    def boto(self, service: str, url: str) -> Any:
        return boto3.client(service, endpoint_url=url, region_name="us-east-1")

    def test_an_item_is_read(self, url: str, calling: Callable[[Service], AwsClient]) -> None:
        dynamodb = self.boto("dynamodb", url)
        dynamodb.create_table(
            TableName="links",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        dynamodb.put_item(
            TableName="links", Item={"id": {"S": "é"}, "clicks": {"N": "7"}, "other": {"S": "x"}}
        )
        request = {
            "TableName": "links",
            "Key": {"id": {"S": "é"}},
            "ProjectionExpression": "id, clicks",
            "ConsistentRead": True,
        }
        client = calling(DYNAMODB)
        assert client.call("GetItem", request)["Item"] == {"id": {"S": "é"}, "clicks": {"N": "7"}}
        assert "Item" not in client.call("GetItem", {**request, "Key": {"id": {"S": "none"}}})
        with pytest.raises(RefusedError, match="ResourceNotFoundException"):
            client.call("GetItem", {**request, "TableName": "none"})

    def test_an_event_is_put_on_the_bus_and_reaches_its_queue(
        self, url: str, calling: Callable[[Service], AwsClient]
    ) -> None:
        events, sqs = self.boto("events", url), self.boto("sqs", url)
        queue = sqs.create_queue(QueueName="rule")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.create_event_bus(Name="bus")
        events.put_rule(Name="all", EventBusName="bus", EventPattern='{"source":["hopcount.redirect"]}')
        events.put_targets(Rule="all", EventBusName="bus", Targets=[{"Id": "1", "Arn": arn}])
        entry = {
            "EventBusName": "bus",
            "Source": "hopcount.redirect",
            "DetailType": "LinkClicked",
            "Detail": '{"é":"\\ud83d\\ude00"}',
        }
        told = calling(EVENTS).call("PutEvents", {"Entries": [entry]})
        assert told["FailedEntryCount"] == 0
        [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
        assert json.loads(message["Body"])["detail"] == {"é": "😀"}

    def test_a_message_is_sent(self, url: str, calling: Callable[[Service], AwsClient]) -> None:
        sqs = self.boto("sqs", url)
        queue = sqs.create_queue(QueueName="clicks")["QueueUrl"]
        told = calling(SQS).call("SendMessage", {"QueueUrl": queue, "MessageBody": '{"é":1}'})
        [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
        assert (message["Body"], message["MessageId"]) == ('{"é":1}', told["MessageId"])
        with pytest.raises(RefusedError) as refused:
            calling(SQS).call("SendMessage", {"QueueUrl": f"{queue}-none", "MessageBody": "x"})
        assert refused.value.code.endswith(("QueueDoesNotExist", "NonExistentQueue"))


@pytest.mark.parametrize("service", BOTOCORE_MODELS, ids=lambda service: service.name)
def test_services_are_called_as_their_models_say(service: Service) -> None:
    name, operation = BOTOCORE_MODELS[service]
    model = botocore.session.Session().get_service_model(name)
    assert "json" in model.metadata.get("protocols", [model.metadata["protocol"]])
    assert (service.name, service.target, service.version) == (
        model.endpoint_prefix,
        model.metadata["targetPrefix"],
        model.metadata["jsonVersion"],
    )
    assert service.variable == model.service_id.hyphenize().upper().replace("-", "_")
    assert operation in model.operation_names
