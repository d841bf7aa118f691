import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from pydantic import ValidationError

from hopcount_shared.errors import MessageRejectedError, PublishError
from hopcount_shared.events import ENTRIES_PER_CALL, Envelope, EventData, EventPublisher, read_event

TIME = datetime(2026, 11, 22, 15, 26, 58, 123456, tzinfo=UTC)


class Something(EventData):
    some_thing: str


def envelope(event_id: str = "e1") -> Envelope[Something]:
    return Envelope(
        id=event_id,
        type="ThingHappened",
        version=1,
        source="hopcount.test",
        time=TIME,
        correlation_id="request-1",
        data=Something(some_thing="x"),
    )


class FakeBus:
    """Takes or refuses entries as told: one set of refused ids per call, then takes all."""

    def __init__(self, refusals: Sequence[set[str]] = ()) -> None:
        self.refusals = list(refusals)
        self.calls: list[list[dict[str, Any]]] = []
        self.taken: list[str] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 boto3's name
        self.calls.append(Entries)
        refused = self.refusals.pop(0) if self.refusals else set()
        ids = [json.loads(entry["Detail"])["id"] for entry in Entries]
        self.taken += [i for i in ids if i not in refused]
        return {
            "FailedEntryCount": len(refused & set(ids)),
            "Entries": [
                {"ErrorCode": "ThrottlingException", "ErrorMessage": "later"}
                if i in refused
                else {"EventId": i}
                for i in ids
            ],
        }


class Waits:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def publisher(bus: Any, attempts: int = 4, waits: Waits | None = None) -> EventPublisher:
    return EventPublisher(
        bus, "bus", attempts=attempts, sleep=waits or Waits(), jitter=lambda _, longest: longest
    )


class TestEnvelope:
    def test_travels_in_camel_case_with_six_digits(self) -> None:
        assert json.loads(envelope().to_json()) == {
            "id": "e1",
            "type": "ThingHappened",
            "version": 1,
            "source": "hopcount.test",
            "time": "2026-11-22T15:26:58.123456Z",
            "correlationId": "request-1",
            "data": {"someThing": "x"},
        }

    def test_comes_back_as_it_went(self) -> None:
        assert Envelope[Something].model_validate_json(envelope().to_json()) == envelope()

    def test_names_its_kind_and_shape(self) -> None:
        assert envelope().detail_type == "ThingHappened.v1"

    def test_a_reader_ignores_what_it_does_not_know(self) -> None:
        written = json.loads(envelope().to_json())
        written["new"] = 1
        written["data"]["new"] = 1
        assert Envelope[Something].model_validate(written) == envelope()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("id", ""),
            ("id", "x" * 201),
            ("type", "thing happened"),
            ("type", ""),
            ("version", 0),
            ("source", "aws.events"),
            ("time", "2026-11-22T15:26:58"),
            ("data", {}),
            ("data", None),
        ],
    )
    def test_what_cannot_be_an_event_is_refused(self, field: str, value: Any) -> None:
        written = {**json.loads(envelope().to_json()), field: value}
        with pytest.raises(ValidationError):
            Envelope[Something].model_validate(written)


class TestReadEvent:
    def read(self, body: str) -> Envelope[Something]:
        return read_event(Envelope[Something], body, "hopcount.test", {"ThingHappened.v1"})

    def test_what_was_written_is_read(self) -> None:
        assert self.read(envelope().to_json()) == envelope()

    @pytest.mark.parametrize(
        "other", [{"source": "hopcount.other"}, {"type": "ThingEnded"}, {"version": 2}], ids=str
    )
    def test_what_others_tell_is_refused(self, other: dict[str, Any]) -> None:
        with pytest.raises(MessageRejectedError, match="another source, type or version"):
            self.read(envelope().model_copy(update=other).to_json())

    @pytest.mark.parametrize(
        ("body", "field"), [("secret", "body"), ('{"id": "e1", "time": "secret"}', "time")]
    )
    def test_the_reason_names_fields_and_not_what_they_hold(self, body: str, field: str) -> None:
        with pytest.raises(MessageRejectedError, match=rf"\b{field} \(") as refused:
            self.read(body)
        assert "secret" not in str(refused.value)


class TestPublisher:
    def test_writes_the_entry_that_rules_match(self) -> None:
        bus = FakeBus()
        publisher(bus).publish([envelope()])
        assert bus.calls == [
            [
                {
                    "EventBusName": "bus",
                    "Source": "hopcount.test",
                    "DetailType": "ThingHappened.v1",
                    "Detail": envelope().to_json(),
                    "Time": TIME,
                }
            ]
        ]

    def test_nothing_to_publish_is_no_call(self) -> None:
        bus = FakeBus()
        publisher(bus).publish([])
        assert bus.calls == []

    def test_retries_only_what_failed(self) -> None:
        bus = FakeBus([{"b"}, {"b"}])
        publisher(bus).publish([envelope("a"), envelope("b"), envelope("c")])
        called = [[json.loads(e["Detail"])["id"] for e in call] for call in bus.calls]
        assert called == [["a", "b", "c"], ["b"], ["b"]]

    def test_waits_longer_each_time(self) -> None:
        waits = Waits()
        publisher(FakeBus([{"a"}] * 3), waits=waits).publish([envelope("a")])
        assert waits.seconds == [0.1, 0.2, 0.4]

    def test_gives_up_naming_what_was_refused_and_publishes_the_rest(self) -> None:
        bus = FakeBus([{"a"}, {"a"}])
        with pytest.raises(PublishError) as caught:
            publisher(bus, attempts=2).publish([envelope(str(n)) for n in ["a", *range(20)]])
        assert caught.value.failed == ("a",)
        assert bus.taken == [str(n) for n in range(20)]

    def test_a_failing_call_is_not_swallowed(self) -> None:
        class Broken:
            def put_events(self, **_: Any) -> None:
                raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutEvents")

        with pytest.raises(ClientError):
            publisher(Broken()).publish([envelope()])

    @given(
        count=st.integers(0, 35),
        attempts=st.integers(1, 4),
        refusals=st.lists(st.sets(st.integers(0, 34).map(str)), max_size=20),
    )
    def test_each_event_is_taken_once_or_reported(
        self, count: int, attempts: int, refusals: list[set[str]]
    ) -> None:
        bus = FakeBus(refusals)
        failed: tuple[str, ...] = ()
        try:
            publisher(bus, attempts=attempts).publish([envelope(str(n)) for n in range(count)])
        except PublishError as error:
            failed = error.failed
        assert Counter([*bus.taken, *failed]) == Counter(str(n) for n in range(count))
        assert all(len(call) <= ENTRIES_PER_CALL for call in bus.calls)

    @mock_aws
    def test_a_real_client_takes_the_entries(self) -> None:
        events = boto3.client("events")
        arn = events.create_event_bus(Name="bus")["EventBusArn"]
        pattern = json.dumps({"source": ["hopcount.test"], "detail-type": ["ThingHappened.v1"]})
        events.create_archive(ArchiveName="all", EventSourceArn=arn, EventPattern=pattern)
        EventPublisher(events, "bus").publish([envelope(str(n)) for n in range(12)])
        assert events.describe_archive(ArchiveName="all")["EventCount"] == 12
