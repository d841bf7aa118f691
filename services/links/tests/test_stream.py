"""The outbox: from the table's stream to the bus."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, get_args

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from services.links.tests.support import ENVIRONMENT, NOW, Context, logged, make_link

from hopcount_shared.errors import MessageRejectedError
from hopcount_shared.events import Envelope, EventPublisher
from links import bootstrap
from links.domain.link import Link
from links.events import LinkChangedData, LinkEvent
from links.handlers import publish_link_events
from links.rows import to_item
from links.stream import to_event


def record(link: Link, change: str, sequence: int = 1) -> dict[str, Any]:
    """Write a stream record as Lambda gets it."""
    return {
        "eventID": f"event-{sequence}",
        "eventName": "INSERT" if change == "created" else "MODIFY",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"id": {"S": link.id}},
            "NewImage": to_item(link, change),
            "SequenceNumber": str(sequence),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


LATER = NOW + timedelta(minutes=1)
DELETED = make_link(version=7, deleted_at=LATER, updated_at=LATER)


class TestReading:
    @pytest.mark.parametrize(
        ("change", "detail_type"),
        [
            ("created", "LinkCreated.v1"),
            ("updated", "LinkUpdated.v1"),
            ("deleted", "LinkDeleted.v1"),
            ("restored", "LinkRestored.v1"),
        ],
    )
    def test_a_change_becomes_its_event(self, change: str, detail_type: str) -> None:
        event = to_event(record(DELETED, change))
        assert event.detail_type == detail_type
        assert json.loads(event.to_json()) == {
            "id": "abcdefg:7",
            "type": detail_type.removesuffix(".v1"),
            "version": 1,
            "source": "hopcount.links",
            "time": "2026-03-01T12:31:00.000000Z",
            "correlationId": None,
            "data": {
                "shortCode": "abcdefg",
                "userId": "ann",
                "originalUrl": "https://example.com/",
                "occurredAt": "2026-03-01T12:31:00.000000Z",
            },
        }

    def test_an_erased_link_becomes_its_event_which_tells_whose_it_was(self) -> None:
        erased = {
            "id": {"S": "x"},
            "clicks": {"N": "3"},
            "erasedAt": {"S": "2026-03-01T12:31:00.000000Z"},
            "change": {"S": "erased"},
        }
        before = to_item(DELETED, "deleted")
        assert before["userId"] == {"S": "deleted#ann"}
        event = to_event({"dynamodb": {"NewImage": erased, "OldImage": before}})
        assert event.detail_type == "LinkErased.v1"
        assert json.loads(event.to_json()) == {
            "id": "x:erased",
            "type": "LinkErased",
            "version": 1,
            "source": "hopcount.links",
            "time": "2026-03-01T12:31:00.000000Z",
            "correlationId": None,
            "data": {"shortCode": "x", "userId": "ann", "occurredAt": "2026-03-01T12:31:00.000000Z"},
        }
        # Who counts may have marked the row before: whose it was still stands in it.
        marked = {**before, "erasedAt": erased["erasedAt"]}
        assert to_event({"dynamodb": {"NewImage": erased, "OldImage": marked}}) == event

    def test_a_redelivered_change_is_the_same_event(self) -> None:
        assert to_event(record(DELETED, "deleted", 1)) == to_event(record(DELETED, "deleted", 2))

    @pytest.mark.parametrize(
        "broken",
        [
            {},
            {"dynamodb": {}},
            {"dynamodb": {"NewImage": None}},
            record(make_link(), "counted"),
            record(make_link(), "erased"),
            {"dynamodb": {"NewImage": {"change": {"S": "created"}}}},
            {"dynamodb": {"NewImage": {**to_item(make_link(), "created"), "updatedAt": {"S": "soon"}}}},
            {"dynamodb": {"NewImage": {**to_item(make_link(), "created"), "version": {"S": "x"}}}},
            {"dynamodb": {"NewImage": {**to_item(make_link(), "created"), "userId": {"S": ""}}}},
        ],
    )
    def test_anything_else_is_rejected(self, broken: Mapping[str, Any]) -> None:
        with pytest.raises(MessageRejectedError):
            to_event(broken)

    def test_every_contract_can_be_written_as_a_schema(self) -> None:
        for contract in get_args(LinkEvent):
            schema = contract.model_json_schema(by_alias=True, mode="serialization")
            assert {"id", "type", "version", "source", "time", "data"} <= set(schema["properties"])
        assert set(LinkChangedData.model_json_schema()["properties"]) == {
            "shortCode",
            "userId",
            "originalUrl",
            "occurredAt",
        }


@dataclass
class Bus:
    """EventBridge, which may refuse events and remembers those that it took."""

    refused: set[str] = field(default_factory=set)
    taken: list[str] = field(default_factory=list)
    down: bool = False

    def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803  boto3's name
        if self.down:
            raise ClientError({"Error": {"Code": "InternalException"}}, "PutEvents")
        results = []
        for entry in Entries:
            event_id = json.loads(entry["Detail"])["id"]
            if event_id in self.refused:
                results.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
            else:
                self.taken.append(event_id)
                results.append({"EventId": event_id})
        return {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}


Publish = Callable[[list[dict[str, Any]]], list[str]]


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def publish(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> Publish:
    events: Any = bus
    publisher = EventPublisher(events, "test-bus", sleep=lambda _: None)
    monkeypatch.setattr(bootstrap, "publisher", lambda: publisher)

    def run(records: list[dict[str, Any]]) -> list[str]:
        context: Any = Context()
        answer = publish_link_events.handler({"Records": records}, context)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    return run


RECORDS = [record(make_link(id=f"link{n:02}"), "created", n) for n in range(25)]


class TestPublishing:
    def test_a_batch_is_published_in_order(self, bus: Bus, publish: Publish) -> None:
        assert publish(RECORDS) == []
        assert bus.taken == [f"link{n:02}:1" for n in range(25)]

    def test_lambda_goes_on_from_the_first_that_was_refused(self, bus: Bus, publish: Publish) -> None:
        bus.refused = {"link17:1", "link12:1"}
        assert publish(RECORDS) == ["12"]
        bus.refused = set()
        assert publish(RECORDS[12:]) == []
        assert set(bus.taken) == {f"link{n:02}:1" for n in range(25)}

    def test_a_bus_that_is_down_fails_the_batch(self, bus: Bus, publish: Publish) -> None:
        bus.down = True
        with pytest.raises(ClientError):
            publish(RECORDS)

    def test_an_unreadable_record_holds_back_what_follows_it_and_nothing_else(
        self, bus: Bus, publish: Publish
    ) -> None:
        broken = record(make_link(), "nonsense", 77)
        assert publish([*RECORDS[:3], broken, *RECORDS[3:5]]) == ["77"]
        assert bus.taken == ["link00:1", "link01:1", "link02:1"]
        assert publish([broken]) == ["77"]

    def test_a_refusal_before_an_unreadable_record_comes_first(self, bus: Bus, publish: Publish) -> None:
        bus.refused = {"link01:1"}
        assert publish([*RECORDS[:3], record(make_link(), "nonsense", 77)]) == ["1"]

    def test_nothing_is_logged_of_where_links_lead(
        self, bus: Bus, publish: Publish, capfd: pytest.CaptureFixture[str]
    ) -> None:
        bus.refused = {"link01:1"}
        with logged() as log:
            publish([*RECORDS[:3], record(make_link(), "nonsense", 77)])
        assert "link01:1" in log.getvalue()
        assert "https://example.com/" not in log.getvalue() + "".join(capfd.readouterr())


@pytest.fixture
def real_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        events = boto3.client("events")
        events.create_event_bus(Name=ENVIRONMENT["EVENT_BUS_NAME"])
        bootstrap.reset()
        yield events
        bootstrap.reset()


def test_the_bus_is_the_one_of_the_environment(real_bus: Any) -> None:
    context: Any = Context()
    answer = publish_link_events.handler({"Records": RECORDS[:2]}, context)
    assert answer == {"batchItemFailures": []}


def test_a_subclass_of_the_envelope_is_read_as_one() -> None:
    event = to_event(record(make_link(), "created"))
    assert Envelope[LinkChangedData].model_validate_json(event.to_json()).data == event.data
