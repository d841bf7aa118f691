"""Each function, wired as it is in Lambda, with requests as API Gateway passes them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from services.redirect.tests.support import FIREFOX, TABLE, create_table, http_event, row

from redirect import bootstrap
from redirect.aws.client import BACKOFF_SECONDS
from redirect.extension import BUDGET_SECONDS, MARGIN_SECONDS
from redirect.handlers import check_health
from redirect.handlers.redirect import handler

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

BUS = "hopcount-test"
QUEUE = "clicks"
ADDRESS = "198.51.100.7"


class Context:
    """What Lambda tells about a request."""

    def get_remaining_time_in_millis(self) -> int:
        return 6000


@pytest.fixture(autouse=True)
def dynamodb(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator["DynamoDBClient"]:
    """A table, and a bus whose events end in a queue."""
    bootstrap.application.cache_clear()
    sqs, events = boto3.client("sqs"), boto3.client("events")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    settings = {
        "TABLE_NAME": TABLE,
        "EVENT_BUS_NAME": BUS,
        "CLICK_QUEUE_URL": url,
        "CLICK_TRANSPORT": "bus",
        "CACHE_SECONDS": "0",
        "STALE_SECONDS": "3600",
        "LINK_READER": "dynamodb",
        "STAGE": "test",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=BUS)
    pattern = {"source": ["hopcount.redirect"], "detail-type": ["LinkClicked.v1"]}
    events.put_rule(Name="clicks", EventBusName=BUS, EventPattern=json.dumps(pattern))
    events.put_targets(Rule="clicks", EventBusName=BUS, Targets=[{"Id": "1", "Arn": arn}])
    client = create_table()
    client.put_item(TableName=TABLE, Item=row())
    then = {"S": "2026-11-02T00:00:00.000000Z"}
    client.put_item(TableName=TABLE, Item=row("gone", deletedAt=then))
    client.put_item(TableName=TABLE, Item=row("bad", disabledAt=then, disabledReason={"S": "Phishing"}))
    client.put_item(TableName=TABLE, Item={"id": {"S": "erased"}, "erasedAt": then})
    yield client
    bootstrap.application.cache_clear()


def published() -> list[dict[str, Any]]:
    """The clicks that arrived, by the bus (in its wrapping) or straight."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    bodies = [json.loads(message["Body"]) for message in messages]
    return [body.get("detail", body) for body in bodies]


def ask(code: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    return handler(http_event(code, method, **headers), Context())


def told(text: str) -> list[dict[str, Any]]:
    """The log, but for metrics."""
    return [line for line in map(json.loads, text.splitlines()) if "_aws" not in line]


def test_a_visitor_is_sent_on_and_counted() -> None:
    answer = ask("abc1234")
    assert (answer["statusCode"], answer["headers"]["Location"]) == (301, "https://example.com/page?q=1#part")
    [click] = published()
    assert click["correlationId"] == "JKJaXmPLvHcESHA="
    data = click["data"]
    assert (data["shortCode"], data["userId"]) == ("abc1234", "owner-1")
    assert (data["country"], data["language"]) == ("CH", "de-CH")
    assert (data["referrerHost"], data["userAgent"]) == ("news.example.org", FIREFOX)
    assert ADDRESS not in json.dumps(click)


def test_a_sandbox_numbers_its_clicks() -> None:
    for _ in range(3):
        ask("abc1234")
    clicks = published()
    assert sorted(click["data"]["sequence"] for click in clicks) == [0, 1, 2]
    [producer] = {click["data"]["producer"] for click in clicks}
    assert {click["id"] for click in clicks} == {f"{producer}:{n}" for n in range(3)}


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
    ("code", "status"),
    [("ABC1234", 404), ("gone", 410), ("erased", 410), ("bad", 451), ("\x00", 404), ("x" * 9000, 404)],
)
def test_whoever_is_not_sent_on_is_told_why(code: str, status: int) -> None:
    assert ask(code)["statusCode"] == status
    assert json.loads(ask(code, accept="application/json")["body"])["status"] == status
    assert ask(code, "HEAD")["body"] == ""
    assert published() == []


def test_a_link_is_remembered_for_as_long_as_it_may_be(
    dynamodb: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CACHE_SECONDS", "3600")
    bootstrap.application.cache_clear()
    assert ask("abc1234")["statusCode"] == 301
    dynamodb.put_item(TableName=TABLE, Item=row(originalUrl={"S": "https://example.net/"}))
    assert ask("abc1234")["headers"]["Location"] == "https://example.com/page?q=1#part"
    assert len(published()) == 2


def test_an_edit_is_seen_at_once_where_nothing_is_remembered(dynamodb: "DynamoDBClient") -> None:
    assert ask("new")["statusCode"] == 404
    dynamodb.put_item(TableName=TABLE, Item=row("new"))
    assert ask("new")["statusCode"] == 301
    dynamodb.put_item(TableName=TABLE, Item=row("new", originalUrl={"S": "https://example.net/"}))
    assert ask("new")["headers"]["Location"] == "https://example.net/"


def test_the_visitors_query_is_handed_on_if_the_owner_wants_it(dynamodb: "DynamoDBClient") -> None:
    dynamodb.put_item(TableName=TABLE, Item=row("pass", passQuery={"BOOL": True}))
    assert ask("pass")["headers"]["Location"] == "https://example.com/page?q=1&utm_source=mail#part"


@pytest.mark.parametrize(("path", "start"), [("robots.txt", "# Short links"), ("favicon.ico", "AAABAA")])
def test_what_is_asked_for_unbidden_is_answered(path: str, start: str) -> None:
    assert ask(path)["statusCode"] == 200
    assert ask(path)["body"].startswith(start)
    assert published() == []


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
    [line] = told(capsys.readouterr().out)
    assert (line["level"], line["shortCode"]) == ("ERROR", "script")


def test_a_click_that_the_bus_does_not_take_arrives_by_the_queue(capsys: pytest.CaptureFixture[str]) -> None:
    boto3.client("events").remove_targets(Rule="clicks", EventBusName=BUS, Ids=["1"])
    boto3.client("events").delete_rule(Name="clicks", EventBusName=BUS)
    boto3.client("events").delete_event_bus(Name=BUS)
    assert ask("abc1234")["statusCode"] == 301
    [click] = published()
    assert click["data"]["shortCode"] == "abc1234"
    assert [line["message"] for line in told(capsys.readouterr().out)] == ["click sent to the queue"]


def test_one_that_nobody_takes_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("EVENTBRIDGE", "SQS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{name}", "http://127.0.0.1:9")
    assert ask("abc1234")["statusCode"] == 301
    written = capsys.readouterr().out
    [line] = told(written)
    assert (line["event"]["data"]["shortCode"], line["event"]["data"]["sequence"]) == ("abc1234", 0)
    assert ADDRESS not in written


def test_clicks_go_straight_to_the_queue_if_that_is_the_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLICK_TRANSPORT", "queue")
    monkeypatch.setenv("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://127.0.0.1:9")
    ask("abc1234")
    assert len(published()) == 1
    assert told(capsys.readouterr().out) == []


def test_a_table_that_fails_is_503(dynamodb: "DynamoDBClient", capsys: pytest.CaptureFixture[str]) -> None:
    dynamodb.delete_table(TableName=TABLE)
    answer = ask("abc1234")
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "2")
    assert TABLE not in answer["body"]
    [line] = told(capsys.readouterr().out)
    assert (line["level"], line["message"], line["error"]) == ("ERROR", "link not read", "RefusedError")


def test_a_link_that_was_read_once_outlasts_the_table(dynamodb: "DynamoDBClient") -> None:
    assert ask("abc1234")["statusCode"] == 301
    dynamodb.delete_table(TableName=TABLE)
    assert ask("abc1234")["headers"]["Location"] == "https://example.com/page?q=1#part"


def test_nothing_is_logged_but_a_line_of_metrics_when_all_is_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for code in ("abc1234", "gone", "unknown", "abc1234"):
        ask(code)
    [line] = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["CacheHits"], line["CacheMisses"]) == (0, 1)


def test_health() -> None:
    answer = check_health.handler({}, None)
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"status": "ok"})
    assert answer["headers"]["Cache-Control"] == "no-store"


def test_the_functions_timeout_allows_for_all_that_a_visitor_may_wait_for() -> None:
    attempts = range(bootstrap.ATTEMPTS)
    read = sum(bootstrap.CONNECT_SECONDS + bootstrap.READ_SECONDS + BACKOFF_SECONDS * 2**n for n in attempts)
    template = (Path(__file__).parents[1] / "serverless.yml").read_text()
    [timeout] = re.findall(r"^    timeout: (\d+)", template.split("\nprovider:")[0], re.MULTILINE)
    assert read + BUDGET_SECONDS + MARGIN_SECONDS < int(timeout)
