import json

import pytest
from services.redirect.tests.support import NOW, PRODUCER, FakeAws, make_link

from redirect.aws.errors import RefusedError, UnansweredError
from redirect.domain.visit import Visit
from redirect.events import link_clicked
from redirect.transports import BUS_ATTEMPTS, Bus, Queue

CLICK = link_clicked(make_link(), Visit(country="CH"), (PRODUCER, 7), NOW, "request-1")
TAKEN = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}
FAILED = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "x"}]}


class TestBus:
    def test_an_event_is_one_entry(self) -> None:
        events = FakeAws(TAKEN)
        Bus(events, "hopcount").send(CLICK, 5.0)  # type: ignore[arg-type]
        [(operation, request, deadline)] = events.calls
        [entry] = request["Entries"]
        assert (operation, deadline) == ("PutEvents", 5.0)
        assert json.loads(entry.pop("Detail")) == CLICK.envelope
        assert entry == {
            "EventBusName": "hopcount",
            "Source": "hopcount.redirect",
            "DetailType": "LinkClicked.v1",
        }

    def test_an_entry_that_failed_is_sent_again(self) -> None:
        events = FakeAws(FAILED, TAKEN)
        Bus(events, "hopcount").send(CLICK, 5.0)  # type: ignore[arg-type]
        assert len(events.calls) == 2

    def test_one_that_fails_each_time_is_told(self) -> None:
        events = FakeAws(*[FAILED] * BUS_ATTEMPTS)
        with pytest.raises(RefusedError) as caught:
            Bus(events, "hopcount").send(CLICK, 5.0)  # type: ignore[arg-type]
        assert caught.value.code == "InternalFailure"

    def test_a_call_that_fails_is_told(self) -> None:
        with pytest.raises(UnansweredError):
            Bus(FakeAws(UnansweredError("x")), "hopcount").send(CLICK, 5.0)  # type: ignore[arg-type]


class TestQueue:
    def test_an_event_is_a_message_as_a_replay_sends_it(self) -> None:
        sqs = FakeAws({"MessageId": "1"})
        Queue(sqs, "https://queue").send(CLICK, 5.0)  # type: ignore[arg-type]
        [(operation, request, deadline)] = sqs.calls
        assert (operation, request["QueueUrl"], deadline) == ("SendMessage", "https://queue", 5.0)
        assert json.loads(request["MessageBody"]) == CLICK.envelope

    def test_a_call_that_fails_is_told(self) -> None:
        with pytest.raises(RefusedError):
            Queue(FakeAws(RefusedError(403, "AccessDenied")), "https://queue").send(CLICK, 5.0)  # type: ignore[arg-type]
