"""Forgetting somebody: the use case, the queue's messages, and the function on tables in moto."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.links.tests.support import (
    LINKS_TABLE,
    NOW,
    Context,
    MemoryLinkRepository,
    Ticking,
    call,
    logged,
    make_link,
)

from hopcount_shared.errors import MessageRejectedError
from hopcount_shared.times import to_iso, utc_now
from links.domain.link import Link, Position
from links.domain.user_events import read_user_deleted
from links.erasure_service import PAGE, LinkEraser
from links.handlers import create_link, delete_link, erase_links, get_link, list_links, restore_link
from links.repository import DynamoLinkRepository

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

GOLDEN = Path(__file__).parents[3] / "tests" / "contract" / "golden" / "UserDeleted.v1.json"


def forever() -> float:
    return 60


def many(number: int, owner: str = "ann") -> list[Link]:
    """Make so many links of somebody's, each third in their trash."""
    return [
        make_link(
            id=f"{owner}{n:05}",
            owner=owner,
            created_at=NOW + timedelta(seconds=n),
            deleted_at=NOW if n % 3 == 0 else None,
        )
        for n in range(number)
    ]


@dataclass
class Brittle(MemoryLinkRepository):
    """Fails when it has erased so many links."""

    good_for: int = 0

    def erase_link(self, link_id: str, owner: str, now: datetime) -> bool:
        if not self.good_for:
            raise RuntimeError
        self.good_for -= 1
        return super().erase_link(link_id, owner, now)


class TestEraser:
    @pytest.mark.parametrize("number", [0, 1, PAGE - 1, PAGE, PAGE + 1, 10_000])
    def test_every_link_of_one_person_goes_and_no_other(self, number: int) -> None:
        others = many(3, "bob")
        links = MemoryLinkRepository({link.id: link for link in [*many(number), *others]})
        erased = LinkEraser(links, clock=Ticking()).erase_links("ann", forever)
        assert (erased.number, erased.finished) == (number, True)
        assert [link for link in links.rows.values() if link.erased_at is None] == others
        assert len(links.rows) == number + 3

    def test_again_does_nothing(self) -> None:
        links = MemoryLinkRepository({link.id: link for link in many(10)})
        eraser = LinkEraser(links, clock=Ticking())
        eraser.erase_links("ann", forever)
        before = dict(links.rows)
        assert eraser.erase_links("ann", forever).number == 0
        assert links.rows == before

    @given(number=st.integers(0, 60), steps=st.lists(st.integers(0, 40), max_size=6))
    def test_wherever_its_time_ends_it_goes_on(self, number: int, steps: list[int]) -> None:
        links = MemoryLinkRepository({link.id: link for link in many(number)})
        eraser = LinkEraser(links, clock=Ticking())
        erased = 0
        for step in steps:
            seconds = iter([1.0] * step)
            run = eraser.erase_links("ann", lambda left=seconds: next(left, 0.0))  # type: ignore[misc]
            erased += run.number
            if run.finished:
                assert erased == number
        erased += eraser.erase_links("ann", forever).number
        assert erased == number

    @given(number=st.integers(1, 60), good_for=st.integers(0, 60))
    def test_wherever_it_breaks_off_the_next_run_finishes(self, number: int, good_for: int) -> None:
        links = Brittle({link.id: link for link in many(number)}, good_for=good_for)
        eraser = LinkEraser(links, clock=Ticking())
        if good_for < number:
            with pytest.raises(RuntimeError):
                eraser.erase_links("ann", forever)
        links.good_for = 100
        eraser.erase_links("ann", forever)
        assert all(link.erased_at for link in links.rows.values())

    def test_a_list_that_shows_what_is_erased_already_is_no_harm(self) -> None:
        links = Lagging({link.id: link for link in many(4)})
        links.shown = [link.position for link in many(4)]
        eraser = LinkEraser(links, clock=Ticking())
        assert eraser.erase_links("ann", forever).number == 4
        assert eraser.erase_links("ann", forever).number == 0


@dataclass
class Lagging(MemoryLinkRepository):
    """Its lists never change."""

    shown: list[Position] = field(default_factory=list)

    def list_positions(
        self, owner: str, *, deleted: bool, after: Position | None, limit: int
    ) -> Sequence[Position]:
        return self.shown


def message(user_id: str = "ann", at: datetime | None = None, **more: Any) -> str:
    moment = to_iso(at or utc_now())
    event = {
        "id": f"{user_id}:deleted",
        "type": "UserDeleted",
        "version": 1,
        "source": "hopcount.users",
        "time": moment,
        "data": {"userId": user_id, "occurredAt": moment},
    }
    return json.dumps({**event, **more})


class TestReading:
    def test_the_golden_event_is_understood(self) -> None:
        event = read_user_deleted(GOLDEN.read_text())
        assert event.data.user_id == "5f3b9f0e-6a43-4d0e-9a55-2f6f4d2f1a11"

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "{",
            "[]",
            message(version=2),
            message(type="UserRegistered"),
            message(source="hopcount.links"),
            message(data={}),
            message("deleted#ann"),
            message(""),
            message("a" * 129),
        ],
    )
    def test_anything_else_is_refused(self, body: str) -> None:
        with pytest.raises(MessageRejectedError) as refused:
            read_user_deleted(body)
        assert "ann" not in str(refused.value)


@pytest.fixture
def queue(deployed: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch) -> str:
    url: str = boto3.client("sqs").create_queue(QueueName="erasures")["QueueUrl"]
    monkeypatch.setenv("ERASURE_QUEUE_URL", url)
    monkeypatch.setenv("LATE_LINKS_SECONDS", "3900")
    return url


def erase(*bodies: str, remaining_ms: int = 60_000) -> list[str]:
    """Deliver messages, and return which of them failed."""
    records = [
        {"messageId": str(n), "receiptHandle": "x", "body": body, "eventSource": "aws:sqs"}
        for n, body in enumerate(bodies)
    ]
    context: Any = Context(remaining_ms=remaining_ms)
    answer: Any = erase_links.handler({"Records": records}, context)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def waiting(url: str) -> tuple[int, int]:
    """Return how many messages can be had now, and how many later."""
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    found = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def created(**fields: Any) -> str:
    body = {"originalUrl": "https://example.com/", **fields}
    code: str = call(create_link.handler, "POST", "/urls", body=body).json["id"]
    return code


class TestFunction:
    def test_nothing_of_a_link_is_left_but_its_name_and_what_others_count(
        self, deployed: "DynamoDBClient", queue: str
    ) -> None:
        full = make_link(
            expires_at=NOW,
            deleted_at=NOW,
            redirect_status=302,
            max_age=5,
            pass_query=True,
            imported_clicks=3,
            disabled_at=NOW,
            disabled_reason="Phishing",
        )
        unset = {part.name for part in dataclasses.fields(full) if getattr(full, part.name) is None}
        assert unset == {"erased_at"}
        DynamoLinkRepository(deployed, LINKS_TABLE).create_link(full)
        deployed.update_item(
            TableName=LINKS_TABLE,
            Key={"id": {"S": full.id}},
            UpdateExpression="SET epoch_x = :n ADD clicks :n",
            ExpressionAttributeValues={":n": {"N": "7"}},
        )
        assert erase(message()) == []
        row = deployed.get_item(TableName=LINKS_TABLE, Key={"id": {"S": full.id}})["Item"]
        assert set(row) == {"id", "clicks", "botClicks", "epoch_x", "change", "erasedAt"}
        assert row["change"] == {"S": "erased"}

    def test_an_erased_link_is_not_there_for_anybody_and_its_code_stays_taken(self, queue: str) -> None:
        created(alias="mine")
        created(alias="trashed")
        call(delete_link.handler, "DELETE", "/urls/trashed")
        erase(message())
        for sub in ("ann", "bob"):
            assert call(get_link.handler, "GET", "/urls/mine", sub=sub).status == 404
            assert call(restore_link.handler, "POST", "/urls/mine/restore", sub=sub).status == 404
        assert call(list_links.handler, "GET", "/urls").json["items"] == []
        assert call(list_links.handler, "GET", "/urls", query={"deleted": 1}).json["items"] == []
        body = {"originalUrl": "https://example.com/", "alias": "mine"}
        assert call(create_link.handler, "POST", "/urls", body=body).status == 409

    def test_a_mark_that_counting_left_before_is_kept(self, deployed: "DynamoDBClient", queue: str) -> None:
        code = created()
        deployed.update_item(
            TableName=LINKS_TABLE,
            Key={"id": {"S": code}},
            UpdateExpression="SET erasedAt = :then REMOVE clicks, botClicks",
            ExpressionAttributeValues={":then": {"S": to_iso(NOW)}},
        )
        assert call(get_link.handler, "GET", f"/urls/{code}").status == 404
        erase(message())
        row = deployed.get_item(TableName=LINKS_TABLE, Key={"id": {"S": code}})["Item"]
        assert row == {"id": {"S": code}, "change": {"S": "erased"}, "erasedAt": {"S": to_iso(NOW)}}

    def test_what_is_not_finished_comes_again_at_once(self, deployed: "DynamoDBClient", queue: str) -> None:
        created()
        body = message()
        assert erase(body, remaining_ms=1_000) == []
        assert waiting(queue) == (1, 0)
        (again,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
        assert again["Body"] == body
        erase(again["Body"])
        assert "originalUrl" not in deployed.scan(TableName=LINKS_TABLE)["Items"][0]

    def test_somebody_looks_again_while_links_may_still_come(self, queue: str) -> None:
        erase(message())
        assert waiting(queue) == (0, 1)

    def test_nobody_looks_again_once_no_token_lives(self, queue: str) -> None:
        erase(message(at=utc_now() - timedelta(seconds=3901)))
        assert waiting(queue) == (0, 0)

    def test_a_message_that_nobody_can_read_fails_alone(self, queue: str) -> None:
        created(alias="mine")
        with logged() as log:
            assert erase(message(version=2), message()) == ["0"]
        assert "links not erased" in log.getvalue()
        assert call(get_link.handler, "GET", "/urls/mine").status == 404

    def test_a_database_that_fails_brings_the_message_back(
        self, queue: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        created()

        def broken(*_: Any) -> bool:
            raise RuntimeError

        monkeypatch.setattr(DynamoLinkRepository, "erase_link", broken)
        assert erase(message()) == ["0"]
        assert waiting(queue) == (0, 0)
