import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.analytics.tests.support import PRODUCER, make_click, message

from analytics.events import read_click
from hopcount_shared.errors import MessageRejectedError

CLICK = make_click(5)


def test_a_click_is_read_as_it_was_published() -> None:
    assert read_click(json.dumps(message(CLICK))) == CLICK


def test_what_the_reader_does_not_know_or_need_does_not_matter() -> None:
    event = message(CLICK, data={"screen": {"width": 3}}, traceHeader="x")
    for optional in ("country", "userAgent", "referrerHost", "language"):
        del event["data"][optional]
    del event["correlationId"]
    assert read_click(json.dumps(event)) == CLICK


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    event = message(CLICK, data={"occurredAt": "2026-03-01T13:30:00+01:00"})
    assert read_click(json.dumps(event)).occurred_at.astimezone(UTC) == datetime(
        2026, 3, 1, 12, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        '"click"',
        "{}",
        "[" * 100_000,
        '{"type": "LinkClicked"}',
        '{"type": 1, "version": 1}',
    ],
)
def test_what_is_no_envelope_is_rejected(body: str) -> None:
    with pytest.raises(MessageRejectedError, match="malformed"):
        read_click(body)


@pytest.mark.parametrize("changes", [{"version": 2}, {"version": 9}, {"type": "LinkCreated"}])
def test_an_event_of_another_kind_or_version_is_rejected(changes: dict[str, Any]) -> None:
    with pytest.raises(MessageRejectedError, match="unknown event"):
        read_click(json.dumps(message(CLICK, **changes)))


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("shortCode", [None, 5, "", "ab", "x" * 65, "a/b", "docs\n", "d\u00f6cs"]),
        ("userId", [None, "", "deleted#ann", "a b", "x" * 129]),
        ("producer", [None, "short", PRODUCER + "x", PRODUCER[:-1] + "-"]),
        ("sequence", [None, -1, "5", 5.5, True, 2**53]),
        ("occurredAt", [None, "", "today", "2026-03-01T12:30:00", "2026-02-30T12:30:00Z"]),
    ],
)
def test_a_field_that_breaks_the_contract_is_named_and_never_quoted(field: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(MessageRejectedError) as caught:
            read_click(json.dumps(message(CLICK, data={field: value})))
        assert str(caught.value) == f"malformed: data.{field}"
        assert caught.value.__cause__ is None


def test_an_id_that_is_not_the_clicks_own_is_rejected() -> None:
    with pytest.raises(MessageRejectedError, match="malformed: id"):
        read_click(json.dumps(message(CLICK, id=f"{PRODUCER}:6")))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(path=st.sampled_from([*message(CLICK), *message(CLICK)["data"]]), value=JSON)
def test_whatever_arrives_is_a_click_or_rejected(path: str, value: Any) -> None:
    event = message(CLICK)
    (event if path in event else event["data"])[path] = value
    try:
        click = read_click(json.dumps(event))
    except MessageRejectedError:
        return
    assert click.id == event["id"]


@given(st.text())
def test_any_text_is_rejected(text: str) -> None:
    with pytest.raises(MessageRejectedError):
        read_click(text)
