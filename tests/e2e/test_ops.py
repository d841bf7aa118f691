"""What operators do to the running product: give it clicks again, prove its counts, mend them."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.support.clicks import Envelope, click, new_producer, put_on_bus
from tests.support.command_line import done
from tests.support.counting import assert_counted, dead_letters
from tests.support.ops import run_ops
from tests.support.people import Creator, Visitor
from tests.support.poll import until
from tests.support.stack import STAGE, Stack

Ops = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def owner(stack: Stack) -> Creator:
    """Somebody new for each test: their total counts its clicks alone."""
    return Creator.sign_up(stack)


@pytest.fixture
def ops(stack: Stack) -> Ops:
    """Runs `hopcount ops ...` as an operator's shell does."""
    return partial(run_ops, stack)


def clicks_on(link: dict[str, Any], owner: Creator, number: int) -> list[Envelope]:
    user_id, producer = owner.me()["userId"], new_producer()
    return [click(link, user_id, producer=producer, sequence=n) for n in range(number)]


def parameter(stack: Stack, name: str) -> str:
    answer = stack.client("ssm").get_parameter(Name=f"/hopcount/{STAGE}/analytics/{name}")
    return str(answer["Parameter"]["Value"])


@contextmanager
def followed_all_the_time(stack: Stack, code: str) -> Iterator[list[int]]:
    """Follow a link again and again meanwhile; gives the answers."""
    visitor, over = Visitor(stack), threading.Event()
    statuses: list[int] = []

    def follow() -> None:
        while not over.is_set():
            statuses.append(visitor.follow(code).status_code)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield statuses
    finally:
        over.set()
        thread.join()


class TestReplay:
    def test_what_never_reached_the_queue_is_restored_from_the_archive(
        self, stack: Stack, owner: Creator, ops: Ops
    ) -> None:
        link, started = owner.create(), datetime.now(UTC)
        clicks = clicks_on(link, owner, 200)
        events, bus = stack.client("events"), stack.outputs["eventBusName"]
        rule = parameter(stack, "click-rule-arn").rsplit("/", 1)[-1]
        events.disable_rule(Name=rule, EventBusName=bus)
        try:
            put_on_bus(stack, clicks[:2])
        finally:
            events.enable_rule(Name=rule, EventBusName=bus)
        put_on_bus(stack, clicks[2:])
        assert_counted(stack, owner, link["id"], 198)
        for _ in range(2):
            done(ops("replay", "--from", started.isoformat()))
            assert_counted(stack, owner, link["id"], 200)
        assert owner.me()["totalLinks"] == 1, "a replay is for nobody but the counts"

    def test_a_dry_run_replays_nothing(self, stack: Stack, ops: Ops) -> None:
        before = stack.client("events").list_replays()["Replays"]
        printed = done(ops("replay", "--from", f"{datetime.now(UTC):%Y-%m-%d}", "--dry-run"))
        assert stack.outputs["clickArchiveName"] in printed
        assert stack.client("events").list_replays()["Replays"] == before

    def test_what_cannot_be_proved_is_refused(self, ops: Ops) -> None:
        ran = ops("replay", "--from", f"{datetime.now(UTC) - timedelta(days=121):%Y-%m-%d}")
        assert ran.returncode == 2
        assert "refused" in ran.stderr
        assert len(ran.stderr.splitlines()) == 1

    def test_dead_letters_are_counted_once_however_often_they_are_moved(
        self, stack: Stack, owner: Creator, ops: Ops
    ) -> None:
        link = owner.create()
        clicks = clicks_on(link, owner, 15)
        user_id = owner.me()["userId"]
        old = click(link, user_id, producer=new_producer(), sequence=0, age=timedelta(days=121))
        before = dead_letters(stack)
        sqs = stack.client("sqs")
        for _ in range(2):
            bodies = [json.dumps(envelope) for envelope in [*clicks[:12], old]]
            for body in bodies:
                sqs.send_message(QueueUrl=parameter(stack, "click-dlq-url"), MessageBody=body)
            for envelope in clicks[12:]:
                entry = {"detail-type": "LinkClicked.v1", "source": "hopcount.redirect", "detail": envelope}
                sqs.send_message(
                    QueueUrl=parameter(stack, "click-rule-dlq-url"), MessageBody=json.dumps(entry)
                )
            surveyed = done(ops("replay", "--dlq", "--dry-run"))
            assert "3 would be moved: 3 countable" in surveyed
            done(ops("replay", "--dlq"))
            assert_counted(stack, owner, link["id"], 15)
        until(lambda: dead_letters(stack), lambda now: now == before + 2, seconds=120)

    def test_clicks_that_were_only_logged_are_restored(self, stack: Stack, owner: Creator, ops: Ops) -> None:
        link = owner.create()
        record = {"level": "ERROR", "message": "click not published", "service": "redirect"}
        prefix = "2026-11-22T15:26:58.123000+00:00 2026/11/22/[$LATEST]0a1b "
        log = "".join(
            f"{prefix}{json.dumps({**record, 'event': envelope})}\n"
            for envelope in clicks_on(link, owner, 12)
        )
        assert "12 clicks would be sent" in done(ops("replay", "--from-logs", "-", "--dry-run", text=log))
        for _ in range(2):
            assert "12 clicks sent" in done(ops("replay", "--from-logs", "-", text=log))
            assert_counted(stack, owner, link["id"], 12)


class TestVerify:
    def test_everything_that_the_product_ever_counted_is_proved(self, ops: Ops) -> None:
        assert done(ops("verify", "--all")).startswith("Nothing drifts.")

    def test_counting_goes_on_meanwhile(self, stack: Stack, owner: Creator, ops: Ops) -> None:
        link = owner.create()
        with followed_all_the_time(stack, link["id"]) as statuses:
            until(lambda: owner.link(link["id"])["clicks"], lambda clicks: clicks > 0)
            for _ in range(3):
                done(ops("verify", "--user", owner.me()["userId"]))
        assert_counted(stack, owner, link["id"], len(statuses))

    def test_what_was_spoilt_is_found_and_mended_while_counting_goes_on(
        self, stack: Stack, owner: Creator, ops: Ops
    ) -> None:
        link, user_id = owner.create(), owner.me()["userId"]
        put_on_bus(stack, clicks_on(link, owner, 20))
        assert_counted(stack, owner, link["id"], 20)
        (day,) = [row["date"] for row in owner.stats(link["id"])["series"] if row["clicks"]]
        with followed_all_the_time(stack, link["id"]) as statuses:
            stack.dynamodb.delete_item(
                TableName=stack.table("DailyStats"),
                Key={"shortCode": {"S": link["id"]}, "date": {"S": day}},
            )
            stack.dynamodb.update_item(
                TableName=stack.table("User"),
                Key={"userId": {"S": user_id}},
                UpdateExpression="ADD totalClicks :much",
                ExpressionAttributeValues={":much": {"N": "1000"}},
            )
            found = ops("verify", "--user", user_id, "--json")
            assert found.returncode == 1, found.stderr
            drift = json.loads(found.stdout)["drift"]
            assert {(row["kind"], row["id"]) for row in drift} == {("day", link["id"]), ("user", user_id)}
            done(ops("verify", "--user", user_id, "--repair", "--yes"))
        assert_counted(stack, owner, link["id"], 20 + len(statuses))
        done(ops("verify", "--user", user_id))

    def test_a_ledger_of_another_time_is_told_and_counts_again_once_it_is_mended(
        self, stack: Stack, owner: Creator, ops: Ops
    ) -> None:
        link = owner.create()
        put_on_bus(stack, clicks_on(link, owner, 5))
        assert_counted(stack, owner, link["id"], 5)
        answer = stack.dynamodb.query(
            TableName=stack.table("ClickLedger"),
            KeyConditionExpression="pk = :heads",
            ExpressionAttributeValues={":heads": {"S": "heads"}},
        )
        (head,) = answer["Items"]
        stack.dynamodb.update_item(
            TableName=stack.table("DailyStats"),
            Key={"shortCode": {"S": "#ledger"}, "date": head["incarnation"]},
            UpdateExpression="SET epoch = :later",
            ExpressionAttributeValues={":later": {"S": f"{int(head['epoch']['N']) + 7}.elsewhere"}},
        )
        clicks = clicks_on(link, owner, 3)
        put_on_bus(stack, clicks)
        told = ops("verify", "--all")
        assert told.returncode == 1, told.stderr
        assert "LEDGER MISMATCH: shard 0" in told.stderr
        assert owner.link(link["id"])["clicks"] == 5
        done(ops("verify", "--all", "--repair", "--yes"))
        assert_counted(stack, owner, link["id"], 8)
        assert done(ops("verify", "--all")).startswith("Nothing drifts.")
