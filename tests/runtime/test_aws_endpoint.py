"""The endpoint answers as AWS does, and fails as told."""

import http.client
import json
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
import trustme
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.support import aws_endpoint
from tests.support.aws_endpoint import OWNER, TARGET_URL, AwsEndpoint, Fault, link

ROOT = Path(__file__).resolve().parents[2]
ENTRY = {"Source": "s", "DetailType": "t", "EventBusName": "bus", "Detail": '{"n":1}'}


def client(aws: AwsEndpoint, service: str, key: str = "AKIDEXAMPLE") -> Any:
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5)
    keys = {"aws_access_key_id": key, "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=aws.url, config=config, **keys)


def get(aws: AwsEndpoint, code: str = "abc", **more: Any) -> Any:
    dynamodb = client(aws, "dynamodb", **more)
    try:
        return dynamodb.get_item(TableName="links", Key={"id": {"S": code}}).get("Item")
    finally:
        dynamodb.close()


def post(connection: http.client.HTTPConnection, operation: str, body: object) -> tuple[int, Any]:
    headers = {"X-Amz-Target": f"Service_1.{operation}", "Authorization": "AWS4 Credential=KEY/20260101/x"}
    connection.request("POST", "/", json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"null")


def test_botocore_takes_every_answer() -> None:
    with AwsEndpoint(0) as aws:
        assert get(aws) == link("abc")
        dynamodb, events, sqs = (client(aws, name) for name in ("dynamodb", "events", "sqs"))
        dynamodb.update_item(TableName="links", Key={"id": {"S": "abc"}})
        assert events.put_events(Entries=[ENTRY, ENTRY])["FailedEntryCount"] == 0
        sqs.send_message(QueueUrl=f"{aws.url}/1/queue", MessageBody='{"n":2}')
        for used in (dynamodb, events, sqs):
            used.close()
        assert aws.events() == [{"n": 1}, {"n": 1}, {"n": 2}]
        operations = [call.operation for call in aws.calls()]
        assert operations == ["GetItem", "UpdateItem", "PutEvents", "SendMessage"]
        assert {call.access_key for call in aws.calls()} == {"AKIDEXAMPLE"}


def test_a_projection_leaves_the_rest_out_and_an_item_may_be_missing() -> None:
    with AwsEndpoint(0) as aws:
        aws.links = {"gone": None, "else": link("else", "https://else.example/")}
        connection = http.client.HTTPConnection(aws.url.removeprefix("http://"))
        key = {"Key": {"id": {"S": "abc"}}, "ProjectionExpression": "originalUrl, #u"}
        _, answer = post(connection, "GetItem", {**key, "ExpressionAttributeNames": {"#u": "userId"}})
        assert answer == {"Item": {"originalUrl": {"S": TARGET_URL}, "userId": {"S": OWNER}}}
        assert post(connection, "GetItem", {"Key": {"id": {"S": "gone"}}}) == (200, {})
        _, answer = post(connection, "GetItem", {"Key": {"id": {"S": "else"}}})
        assert answer["Item"]["originalUrl"] == {"S": "https://else.example/"}
        assert post(connection, "Scan", {})[0] == 400
        connection.close()


def test_the_log_says_when_and_by_whom() -> None:
    with AwsEndpoint(0) as aws:
        aws.latency["UpdateItem"] = 0.05
        connection = http.client.HTTPConnection(aws.url.removeprefix("http://"))
        before = time.monotonic()
        post(connection, "UpdateItem", {"n": 1})
        post(connection, "PutEvents", {"Entries": []})
        connection.close()
        slow, quick = aws.calls()
        assert before < slow.begun_at <= slow.ended_at - 0.05 < slow.ended_at < quick.begun_at
        assert (slow.body, slow.access_key, slow.fault) == ({"n": 1}, "KEY", None)
        aws.forget()
        assert aws.calls() == []


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (aws_endpoint.SERVER_ERROR, 500, "InternalServerError"),
        (aws_endpoint.UNAVAILABLE, 503, "ServiceUnavailable"),
        (aws_endpoint.THROTTLED, 400, "ThrottlingException"),
        (aws_endpoint.TOO_MUCH, 400, "ProvisionedThroughputExceededException"),
        (aws_endpoint.DENIED, 400, "AccessDeniedException"),
    ],
)
def test_an_operation_fails_as_often_as_told(fault: Fault, status: int, code: str) -> None:
    with AwsEndpoint(0) as aws:
        aws.fail("GetItem", fault, times=1)
        with pytest.raises(ClientError) as caught:
            get(aws)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert caught.value.response["Error"]["Code"] == code
        assert get(aws) == link("abc")
        assert [call.fault for call in aws.calls("GetItem")] == [fault, None]


def test_an_operation_fails_until_it_is_healed_and_others_do_not() -> None:
    with AwsEndpoint(0) as aws:
        connection = http.client.HTTPConnection(aws.url.removeprefix("http://"))
        aws.fail("PutEvents", aws_endpoint.SERVER_ERROR)
        aws.fail("PutEvents", aws_endpoint.ENTRY_FAILED, times=1)
        put = {"Entries": [ENTRY]}
        assert post(connection, "PutEvents", put)[1]["FailedEntryCount"] == 1
        assert post(connection, "PutEvents", put)[0] == 500
        assert post(connection, "PutEvents", put)[0] == 500
        assert post(connection, "UpdateItem", {})[0] == 200
        assert aws.events() == []
        aws.heal()
        assert post(connection, "PutEvents", put)[0] == 200
        connection.close()


@pytest.mark.parametrize("fault", [aws_endpoint.CUT, aws_endpoint.CLOSED])
def test_a_connection_ends_before_the_answer_does(fault: Fault) -> None:
    with AwsEndpoint(0) as aws:
        aws.fail("GetItem", fault, times=1)
        connection = http.client.HTTPConnection(aws.url.removeprefix("http://"))
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            post(connection, "GetItem", {"Key": {"id": {"S": "abc"}}})
        connection.close()
        assert aws.count("GetItem") == 1
        assert get(aws) == link("abc")


def test_it_goes_down_and_comes_up_where_it_was() -> None:
    with AwsEndpoint(0) as aws:
        url = aws.url
        aws.go_down()
        aws.go_down()
        with pytest.raises(EndpointConnectionError):
            get(aws)
        aws.come_up()
        assert aws.url == url
        assert get(aws) == link("abc")


def test_old_keys_are_refused_and_new_ones_are_handed_out() -> None:
    with AwsEndpoint(0) as aws:
        aws.access_keys = {"NEW"}
        with pytest.raises(ClientError, match="ExpiredTokenException"):
            get(aws, key="OLD")
        assert get(aws, key="NEW") == link("abc")
        aws.container_credentials = {"AccessKeyId": "NEW"}
        connection = http.client.HTTPConnection(aws.url.removeprefix("http://"))
        connection.request("GET", "/credentials")
        assert json.load(connection.getresponse()) == {"AccessKeyId": "NEW"}
        connection.close()


def test_slow_calls_do_not_hold_up_others() -> None:
    with AwsEndpoint(0) as aws:
        aws.fail("PutEvents", Fault(status=200, body=b"{}", delay=0.3))
        connection = http.client.HTTPConnection(aws.url.removeprefix("http://"))
        slow = threading.Thread(target=post, args=[connection, "PutEvents", {"Entries": []}])
        slow.start()
        assert get(aws) == link("abc")
        slow.join()
        connection.close()
        assert [call.operation for call in aws.calls()] == ["GetItem", "PutEvents"]


def test_it_encrypts(tmp_path: Path) -> None:
    authority, certificate = trustme.CA(), tmp_path / "endpoint.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    trusting = ssl.create_default_context()
    with AwsEndpoint(0, tls) as aws:
        host = aws.url.removeprefix("https://")
        strange = http.client.HTTPSConnection(host, context=trusting)
        with pytest.raises(ssl.SSLCertVerificationError):
            post(strange, "UpdateItem", {})
        strange.close()
        authority.configure_trust(trusting)
        connection = http.client.HTTPSConnection(host, context=trusting)
        assert post(connection, "UpdateItem", {}) == (200, {})
        connection.close()
        assert aws.count("UpdateItem") == 1


def test_it_runs_in_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.support.aws_endpoint", "--latency-ms", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        url = process.stdout.readline().decode().strip()
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        post(connection, "UpdateItem", {})
        connection.request("GET", "/calls")
        assert json.load(connection.getresponse()) == {"KEY": {"UpdateItem": 1}}
        connection.close()
        process.stdin.close()
        assert process.wait() == 0
