"""Each function, wired as it is in Lambda, with requests as API Gateway passes them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from services.redirect.tests.support import FIREFOX, TABLE, create_table, http_event, row

from hopcount_shared.events import Envelope
from redirect import bootstrap
from redirect.events import LinkClicked
from redirect.handlers import check_health
from redirect.handlers.redirect import handler

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

BUS = "hopcount-test"
QUEUE = "clicks"
ADDRESS = "198.51.100.7"


@pytest.fixture(autouse=True)
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator["DynamoDBClient"]:
    """A table, and a bus whose events end in a queue."""
    bootstrap.redirector.cache_clear()
    monkeypatch.setenv("TABLE_NAME", TABLE)
    monkeypatch.setenv("EVENT_BUS_NAME", BUS)
    with mock_aws():
        sqs, events = boto3.client("sqs"), boto3.client("events")
        url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.create_event_bus(Name=BUS)
        pattern = {"source": ["hopcount.redirect"], "detail-type": ["LinkClicked.v1"]}
        events.put_rule(Name="clicks", EventBusName=BUS, EventPattern=json.dumps(pattern))
        events.put_targets(Rule="clicks", EventBusName=BUS, Targets=[{"Id": "1", "Arn": arn}])
        client = create_table()
        client.put_item(TableName=TABLE, Item=row())
        client.put_item(TableName=TABLE, Item=row("gone", deletedAt={"S": "2026-11-02T00:00:00.000000Z"}))
        yield client
    bootstrap.redirector.cache_clear()


def published() -> list[Envelope[LinkClicked]]:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    details = (json.loads(message["Body"])["detail"] for message in messages)
    return [Envelope[LinkClicked].model_validate(detail) for detail in details]


def ask(code: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    return handler(http_event(code, method, **headers), None)


def test_a_visitor_is_sent_on_and_counted() -> None:
    answer = ask("abc1234")
    assert (answer["statusCode"], answer["headers"]["Location"]) == (301, "https://example.com/page?q=1#part")
    [click] = published()
    assert click.correlation_id == "JKJaXmPLvHcESHA="
    assert (click.data.short_code, click.data.user_id) == ("abc1234", "owner-1")
    assert (click.data.country, click.data.language) == ("CH", "de-CH")
    assert (click.data.referrer_host, click.data.user_agent) == ("news.example.org", FIREFOX)
    assert ADDRESS not in click.to_json()


def test_a_sandbox_numbers_its_clicks() -> None:
    for _ in range(3):
        ask("abc1234")
    clicks = published()
    assert sorted(click.data.sequence for click in clicks) == [0, 1, 2]
    [producer] = {click.data.producer for click in clicks}
    assert {click.id for click in clicks} == {f"{producer}:{n}" for n in range(3)}


@pytest.mark.parametrize(
    "headers", [{"sec_purpose": "prefetch"}, {"purpose": "prefetch"}, {"x_moz": "prefetch"}]
)
def test_a_prefetch_is_answered_and_not_counted(headers: dict[str, str]) -> None:
    assert ask("abc1234", **headers)["statusCode"] == 301
    assert published() == []


def test_head_is_answered_and_not_counted() -> None:
    assert ask("abc1234", "HEAD") == ask("abc1234", sec_purpose="prefetch")
    assert published() == []


@pytest.mark.parametrize(
    ("code", "status"), [("ABC1234", 404), ("gone", 410), ("\x00", 404), ("x" * 9000, 404)]
)
def test_whoever_is_not_sent_on_is_told_why(code: str, status: int) -> None:
    assert ask(code)["statusCode"] == status
    assert json.loads(ask(code, accept="application/json")["body"])["status"] == status
    assert ask(code, "HEAD")["body"] == ""
    assert published() == []


def test_an_edit_is_seen_at_once(dynamodb: "DynamoDBClient") -> None:
    assert ask("new")["statusCode"] == 404
    dynamodb.put_item(TableName=TABLE, Item=row("new"))
    assert ask("new")["statusCode"] == 301
    dynamodb.put_item(TableName=TABLE, Item=row("new", originalUrl={"S": "https://example.net/"}))
    assert ask("new")["headers"]["Location"] == "https://example.net/"


def test_a_row_that_would_split_the_answer_cannot(dynamodb: "DynamoDBClient") -> None:
    dynamodb.put_item(
        TableName=TABLE, Item=row("split", originalUrl={"S": "https://e.com/\r\nSet-Cookie: a"})
    )
    assert ask("split")["headers"]["Location"] == "https://e.com/%0D%0ASet-Cookie:%20a"


def test_a_row_that_leads_to_no_web_address_is_not_found_and_told_of(
    dynamodb: "DynamoDBClient", capsys: pytest.CaptureFixture[str]
) -> None:
    dynamodb.put_item(TableName=TABLE, Item=row("script", originalUrl={"S": "javascript:alert(1)"}))
    assert ask("script")["statusCode"] == 404
    line = json.loads(capsys.readouterr().out)
    assert (line["level"], line["shortCode"]) == ("ERROR", "script")


def test_a_bus_that_fails_costs_no_redirect_and_no_click(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the bus is down")

    monkeypatch.setattr("hopcount_shared.events.EventPublisher.publish", fail)
    assert ask("abc1234")["statusCode"] == 301
    written = capsys.readouterr().out
    click = Envelope[LinkClicked].model_validate(json.loads(written)["event"])
    assert (click.data.short_code, click.data.sequence) == ("abc1234", 0)
    assert ADDRESS not in written


def test_a_table_that_fails_is_503(dynamodb: "DynamoDBClient", capsys: pytest.CaptureFixture[str]) -> None:
    dynamodb.delete_table(TableName=TABLE)
    answer = ask("abc1234")
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "2")
    assert TABLE not in answer["body"]
    line = json.loads(capsys.readouterr().out)
    assert (line["level"], line["message"]) == ("ERROR", "link not read")


def test_nothing_is_logged_when_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    for code in ("abc1234", "gone", "unknown"):
        ask(code)
    assert capsys.readouterr().out == ""


def test_health() -> None:
    answer = check_health.handler({}, None)
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok"})
    assert answer["headers"]["Cache-Control"] == "no-store"


def test_the_functions_timeout_allows_for_all_that_a_visitor_may_wait_for() -> None:
    call = bootstrap.ATTEMPTS * (bootstrap.CONNECT_SECONDS + bootstrap.READ_SECONDS) + 1  # botocore's pause
    read_and_publish = call + bootstrap.ATTEMPTS * call + 0.1  # the publisher's own pause
    template = (Path(__file__).parents[1] / "serverless.yml").read_text()
    [timeout, *_] = re.findall(r"^    timeout: (\d+)$", template, re.MULTILINE)
    assert read_and_publish < int(timeout)


def test_starting_imports_no_powertools_and_makes_no_client() -> None:
    code = (
        "import sys, boto3\n"
        "boto3.client = None\n"
        "import redirect.handlers.redirect\n"
        "slow = {'aws_lambda_powertools', 'aws_xray_sdk'} & set(sys.modules)\n"
        "sys.exit(f'imported {slow}' if slow else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
