import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.users.tests.support import NOW, SUB, link_event

from hopcount_shared.errors import MessageRejectedError
from users.domain.link_events import HORIZON, change_of, read_link_event

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(("kind", "change"), [("LinkCreated", 1), ("LinkRestored", 1), ("LinkDeleted", -1)])
def test_each_kind_changes_the_total(kind: str, change: int) -> None:
    event = read_link_event(json.dumps(link_event(kind=kind)))
    assert (event.data.user_id, change_of(event, NOW)) == (SUB, change)


def test_what_is_not_needed_may_change() -> None:
    event = link_event(new="field", data={"userId": SUB, "somethingElse": [1]})
    assert read_link_event(json.dumps(event)).id == event["id"]


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "LinkUpdated"},
        {"type": "LinkClicked"},
        {"version": 2},
        {"source": "hopcount.redirect"},
        {"id": ""},
        {"id": None},
        {"time": "yesterday"},
        {"data": {}},
        {"data": {"userId": ""}},
        {"data": {"userId": f"deleted#{SUB}"}},
        {"data": {"userId": 7}},
        {"data": None},
    ],
)
def test_what_cannot_be_counted_is_rejected(changes: dict[str, Any]) -> None:
    with pytest.raises(MessageRejectedError):
        read_link_event(json.dumps({**link_event(), **changes}))


@pytest.mark.parametrize("body", ["", "{", "null", "[]", "\x00", "\ud800", "[" * 100_000])
def test_what_is_no_event_is_rejected(body: str) -> None:
    with pytest.raises(MessageRejectedError):
        read_link_event(body)


@given(st.text() | JSON.map(json.dumps))
def test_anything_is_either_read_or_rejected(body: str) -> None:
    with pytest.raises(MessageRejectedError):
        read_link_event(body)


@given(st.sampled_from(sorted(link_event())), JSON)
def test_any_field_may_hold_anything(field: str, value: Any) -> None:
    try:
        event = read_link_event(json.dumps({**link_event(), field: value}))
    except MessageRejectedError:
        return
    assert event.source == "hopcount.links"


def test_a_rejection_names_fields_and_shows_nothing() -> None:
    event = link_event(data={"userId": "s3cret user", "originalUrl": "https://s3cret.example"})
    with pytest.raises(MessageRejectedError) as caught:
        read_link_event(json.dumps(event))
    assert "data.userId" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_event_older_than_memory_is_never_counted_on_trust() -> None:
    def change_at(age: timedelta) -> int:
        return change_of(read_link_event(json.dumps(link_event(time=NOW - age))), NOW)

    assert change_at(HORIZON - timedelta(seconds=1)) == 1
    with pytest.raises(MessageRejectedError, match="too old"):
        change_at(HORIZON)


def test_clocks_may_differ() -> None:
    event = read_link_event(json.dumps(link_event(time=NOW + timedelta(minutes=5))))
    assert change_of(event, NOW) == 1
