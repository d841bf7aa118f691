"""Each click counts once: duplicated, redelivered, replayed, or with its consumer killed in the middle."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.clicks import click, new_producer, put_on_bus, put_on_queue
from tests.support.counting import assert_counted, dead_letters, settled
from tests.support.people import Creator, Visitor
from tests.support.poll import until
from tests.support.processes import kill_workers
from tests.support.stack import STAGE, Stack

CONSUMER = f"hopcount-analytics-{STAGE}-consume-clicks"
FOLDER = f"hopcount-analytics-{STAGE}-fold-counts"


@pytest.fixture
def owner(stack: Stack) -> Creator:
    """Somebody new for each test: their total counts its clicks alone."""
    return Creator.sign_up(stack)


def test_a_duplicated_message_and_a_bus_redelivery_count_once(stack: Stack, owner: Creator) -> None:
    link, user_id = owner.create(), owner.me()["userId"]
    one = click(link, user_id, producer=new_producer(), sequence=0)
    other = click(link, user_id, producer=new_producer(), sequence=0)
    put_on_bus(stack, [one, other, one, one])
    put_on_queue(stack, [json.dumps(one)] * 5)
    assert_counted(stack, owner, link["id"], 2)
    put_on_queue(stack, [json.dumps(other)] * 3)
    put_on_bus(stack, [one])
    assert_counted(stack, owner, link["id"], 2)


def test_what_is_counted_shows_in_the_figures_for_everybody(
    stack: Stack, owner: Creator, visitor: Visitor
) -> None:
    link, user_id, producer = owner.create(), owner.me()["userId"], new_producer()
    before = visitor.http.get("/figures").json()
    put_on_bus(stack, [click(link, user_id, producer=producer, sequence=n) for n in range(7)])
    assert_counted(stack, owner, link["id"], 7)
    # What other tests made is counted meanwhile.
    assert visitor.http.get("/figures").json()["clicks"] >= before["clicks"] + 7


@pytest.mark.parametrize("victim", [CONSUMER, FOLDER])
def test_a_killed_function_loses_and_doubles_nothing(stack: Stack, owner: Creator, victim: str) -> None:
    link, user_id, producer = owner.create(), owner.me()["userId"], new_producer()
    clicks = [click(link, user_id, producer=producer, sequence=n) for n in range(300)]
    killed = 0
    for start in range(0, len(clicks), 60):
        put_on_bus(stack, clicks[start : start + 60])
        counted = owner.link(link["id"])["clicks"]
        # Who dies within an epoch leaves it leased for a while.
        until(
            lambda before=counted: owner.link(link["id"])["clicks"] - before,
            lambda progress: progress > 0,
            seconds=180,
        )
        killed += kill_workers(stack, victim)
    assert killed > 0, "nothing was ever killed: the test shows nothing"
    assert_counted(stack, owner, link["id"], len(clicks))


def test_replaying_the_archive_counts_nothing_twice(stack: Stack, owner: Creator) -> None:
    link, user_id, producer = owner.create(), owner.me()["userId"], new_producer()
    started = datetime.now(UTC) - timedelta(seconds=2)
    put_on_bus(stack, [click(link, user_id, producer=producer, sequence=n) for n in range(20)])
    assert_counted(stack, owner, link["id"], 20)
    events = stack.client("events")
    archive = events.describe_archive(ArchiveName=stack.outputs["clickArchiveName"])
    name = f"e2e-{int(time.time())}"
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=started,
        EventEndTime=datetime.now(UTC) + timedelta(seconds=2),
        Destination={"Arn": archive["EventSourceArn"]},
    )
    until(
        lambda: events.describe_replay(ReplayName=name)["State"],
        lambda state: state == "COMPLETED",
        seconds=60,
    )
    assert_counted(stack, owner, link["id"], 20)
    assert owner.me()["totalLinks"] == 1


def test_real_follows_are_counted_exactly(stack: Stack, owner: Creator, visitor: Visitor) -> None:
    link = owner.create()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: visitor.follow(link["id"]).status_code, range(200)))
    assert statuses == [301] * 200
    assert_counted(stack, owner, link["id"], 200)


def test_what_cannot_be_understood_reaches_the_dead_letter_queue(stack: Stack, owner: Creator) -> None:
    link, user_id = owner.create(), owner.me()["userId"]
    good = click(link, user_id, producer=new_producer(), sequence=0)
    unknown = {**good, "id": f"{new_producer()}:0", "version": 99}
    old = click(link, user_id, producer=new_producer(), sequence=0, age=timedelta(days=121))
    before = dead_letters(stack)
    put_on_queue(stack, ["not json", json.dumps({"id": "x"}), json.dumps(good), json.dumps(old)])
    put_on_bus(stack, [unknown])
    until(lambda: dead_letters(stack), lambda now: now == before + 4, seconds=300, every=1)
    assert_counted(stack, owner, link["id"], 1)


def test_a_click_on_no_link_is_counted_for_nobody(stack: Stack, owner: Creator) -> None:
    link, user_id = owner.create(), owner.me()["userId"]
    nobodys = click({"id": "nosuchlink"}, user_id, producer=new_producer(), sequence=0)
    put_on_queue(stack, [json.dumps(nobodys)])
    until(lambda: settled(stack), lambda done: done, seconds=120)
    put_on_queue(stack, [json.dumps(click(link, user_id, producer=new_producer(), sequence=0))])
    assert_counted(stack, owner, link["id"], 1)
    assert stack.item("UrlShortener", id="nosuchlink") is None


def test_machines_are_counted_apart(stack: Stack, owner: Creator, visitor: Visitor) -> None:
    link = owner.create()
    for agent in ("Googlebot/2.1 (+http://www.google.com/bot.html)", "WhatsApp/2.23.20.0", "curl/8.5.0"):
        assert visitor.follow(link["id"], **{"User-Agent": agent}).status_code == 301
    assert visitor.follow(link["id"]).status_code == 301
    assert visitor.http.head(f"/{link['id']}").status_code == 301
    assert visitor.follow(link["id"], **{"Sec-Purpose": "prefetch"}).status_code == 301
    assert_counted(stack, owner, link["id"], 1)
    assert owner.link(link["id"])["botClicks"] == owner.stats(link["id"])["botClicks"] == 3
