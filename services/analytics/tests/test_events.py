import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from services.analytics.tests.support import BOT, FIREFOX, PERSON, PRODUCER, erasure_body, make_click, message

from analytics.domain.clicks import Click, click_id
from analytics.domain.erasures import Erasure
from analytics.domain.visitors import BOT as PROGRAM
from analytics.events import READERS, read_message
from hopcount_shared.errors import MessageRejectedError

UNTIMED = settings(deadline=None)

CLICK = make_click(5)
VISITOR_FIELDS = ("country", "userAgent", "referrerHost", "language")


def read_click(event: Any) -> Click:
    click = read_message(json.dumps(event))
    assert isinstance(click, Click)
    return click


def test_a_click_is_read_as_it_was_published_and_classified() -> None:
    assert read_click(message(CLICK)) == CLICK


def test_a_program_is_only_that() -> None:
    assert read_click(message(make_click(visitor=BOT))).visitor == PROGRAM


def test_what_the_reader_does_not_know_or_need_does_not_matter() -> None:
    event = message(CLICK, data={"screen": {"width": 3}}, traceHeader="x")
    for unneeded in ("correlationId", "time", "source"):
        del event[unneeded]
    assert read_click(event) == CLICK


class TestVisitor:
    """What was observed about a visitor never makes a click unreadable."""

    def test_it_may_be_missing(self) -> None:
        event = message(CLICK)
        for field in ("country", "referrerHost", "language"):
            del event["data"][field]
        visitor = read_click(event).visitor
        assert visitor == PERSON._replace(country="unknown", referrer="direct", language="unknown")

    def test_it_may_be_null(self) -> None:
        visitor = read_click(
            message(CLICK, data={"country": None, "referrerHost": None, "language": None})
        ).visitor
        assert visitor == PERSON._replace(country="unknown", referrer="direct", language="unknown")

    @pytest.mark.parametrize("agent", [None, "", "curl/8.5.0", 5, []])
    def test_who_sends_no_agent_of_a_browser_is_a_program(self, agent: Any) -> None:
        assert read_click(message(CLICK, data={"userAgent": agent})).visitor.is_bot

    @pytest.mark.parametrize("field", VISITOR_FIELDS)
    @pytest.mark.parametrize(
        "nonsense", [5, True, 1.5, [], {"a": 1}, "\x00", "x" * 10_000, "\u2028\ufffd", " "]
    )
    def test_it_may_be_nonsense(self, field: str, nonsense: Any) -> None:
        event = message(CLICK, data={field: nonsense})
        assert read_click(event)[:5] == CLICK[:5]


@pytest.mark.parametrize(
    ("occurred_at", "utc"),
    [
        ("2026-03-01T12:30:00.123456Z", datetime(2026, 3, 1, 12, 30, 0, 123456, UTC)),
        ("2026-03-01T00:30:00+01:00", datetime(2026, 2, 28, 23, 30, tzinfo=UTC)),
        ("2025-12-31T20:30:00-05:00", datetime(2026, 1, 1, 1, 30, tzinfo=UTC)),
    ],
)
def test_the_time_of_a_click_is_read_as_utc(occurred_at: str, utc: datetime) -> None:
    read = read_click(message(CLICK, data={"occurredAt": occurred_at})).occurred_at
    assert read == utc
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    ("kind", "name"), [("link", "docs"), ("link", "x" * 64), ("user", "5f3b9f0e-6a43-4d0e-9a55-2f6f4d2f1a11")]
)
def test_an_erasure_is_read(kind: Any, name: str) -> None:
    assert read_message(erasure_body(kind, name)) == Erasure(kind, name)


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
        "\ud800",
        '{"type": "LinkClicked"}',
        '{"type": 1, "version": 1}',
        '{"type": "LinkClicked", "version": "1"}',
        '{"type": "LinkClicked", "version": true}',
        '{"type": "LinkClicked", "version": 1.0}',
        '{"type": "LinkClicked", "version": 1}',
        '{"type": "LinkErased", "version": 1, "data": {}}',
    ],
)
def test_what_is_no_envelope_is_rejected(body: str) -> None:
    with pytest.raises(MessageRejectedError, match="malformed"):
        read_message(body)


@pytest.mark.parametrize(
    "changes", [{"version": 2}, {"version": 9}, {"version": 0}, {"type": "LinkCreated"}, {"type": ""}]
)
def test_an_event_of_another_kind_or_version_is_rejected(changes: dict[str, Any]) -> None:
    with pytest.raises(MessageRejectedError, match="unknown event"):
        read_message(json.dumps(message(CLICK, **changes)))


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("shortCode", [None, 5, "", "x" * 65, "a/b", "docs\n", "d\u00f6cs"]),
        ("userId", [None, "", "deleted#ann", "a b", "x" * 129]),
        ("producer", [None, "short", PRODUCER + "x", PRODUCER[:-1] + "-"]),
        ("sequence", [None, -1, "5", 5.5, True, 2**53]),
        (
            "occurredAt",
            [
                None,
                "",
                "today",
                "2026-03-01T12:30:00",
                "2026-02-30T12:30:00Z",
                "0001-01-01T00:00:00+14:00",
                "9999-12-31T23:00:00-12:00",
            ],
        ),
    ],
)
def test_a_field_that_breaks_the_contract_is_named_and_never_quoted(field: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(MessageRejectedError) as caught:
            read_message(json.dumps(message(CLICK, data={field: value})))
        assert str(caught.value) == f"malformed: data.{field}"
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(("kind", "field"), [("link", "shortCode"), ("user", "userId")])
def test_an_erasure_of_nothing_is_rejected(kind: str, field: str) -> None:
    for name in ("", "a/b c", "#"):
        with pytest.raises(MessageRejectedError) as caught:
            read_message(erasure_body(kind, name))
        assert str(caught.value) == f"malformed: data.{field}"


@pytest.mark.parametrize("name", [f"{PRODUCER}:6", f"{PRODUCER}:05", f"{PRODUCER}:5 ", "", "x"])
def test_an_id_that_is_not_the_clicks_own_is_rejected(name: str) -> None:
    with pytest.raises(MessageRejectedError, match=r"^malformed: id$"):
        read_message(json.dumps(message(CLICK, id=name)))


def test_an_id_that_is_no_text_is_rejected() -> None:
    with pytest.raises(MessageRejectedError, match=r"^malformed: id$"):
        read_message(json.dumps(message(CLICK, id=5)))


def test_each_reader_reads_what_it_is_registered_for() -> None:
    bodies: dict[tuple[str, int], Callable[[], str]] = {
        ("LinkClicked", 1): lambda: json.dumps(message(CLICK)),
        ("LinkErased", 1): lambda: erasure_body("link", "docs"),
        ("UserDeleted", 1): lambda: erasure_body("user", "ann"),
    }
    assert bodies.keys() == READERS.keys()
    assert all(READERS[kind](body()) == read_message(body()) for kind, body in bodies.items())


# Whatever arrives

TEXT = st.text(st.characters(exclude_categories=()))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def read_or_reject(body: str) -> Click | Erasure | None:
    try:
        return read_message(body)
    except MessageRejectedError as error:
        reason = str(error)
    assert reason == "unknown event" or reason.startswith("malformed: ")
    return None


@UNTIMED
@given(path=st.sampled_from([*message(CLICK), *message(CLICK)["data"]]), value=JSON)
@example(path="version", value=1.0)
@example(path="occurredAt", value=1e300)
@example(path="sequence", value=10**400)
@example(path="userAgent", value="\ud800")
@example(path="language", value=float("nan"))
def test_a_click_with_anything_in_it_is_that_click_or_rejected(path: str, value: Any) -> None:
    event = message(CLICK)
    (event if path in event else event["data"])[path] = value
    read = read_or_reject(json.dumps(event))
    if read is not None:
        assert isinstance(read, Click)
        assert click_id(read.producer, read.sequence) == event["id"]


@UNTIMED
@given(
    user_agent=st.none() | TEXT | st.just(FIREFOX),
    country=st.none() | TEXT,
    referrer=st.none() | TEXT,
    language=st.none() | TEXT,
)
def test_whatever_visitors_send_is_counted_as_something(
    user_agent: str | None, country: str | None, referrer: str | None, language: str | None
) -> None:
    sent = {"userAgent": user_agent, "country": country, "referrerHost": referrer, "language": language}
    # A lone surrogate is no Unicode: the redirect drops it, and as JSON it could not be read at all.
    body = json.dumps(message(CLICK, data=sent), ensure_ascii=False).encode(errors="replace").decode()
    read = read_message(body)
    assert isinstance(read, Click)
    assert read[:5] == CLICK[:5]


@UNTIMED
@given(JSON)
def test_any_json_is_rejected(content: Any) -> None:
    assert read_or_reject(json.dumps(content)) is None


@UNTIMED
@given(TEXT)
def test_any_text_is_rejected(text: str) -> None:
    assert read_or_reject(text) is None


@UNTIMED
@given(st.binary())
def test_any_bytes_are_rejected(data: bytes) -> None:
    assert read_or_reject(data.decode("latin-1")) is None


@UNTIMED
@given(body=st.sampled_from([json.dumps(message(CLICK)), erasure_body("link", "docs")]), data=st.data())
def test_a_message_that_was_cut_or_garbled_is_rejected_or_read_as_itself(
    body: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 20)))
    read_or_reject(body[:start] + data.draw(TEXT) + body[end:])
    assert start == len(body) or read_or_reject(body[:start]) is None
