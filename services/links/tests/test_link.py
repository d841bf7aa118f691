"""Links, their places in lists, and the names of requests."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.links.tests.support import NOW, iso, make_link

from links.domain.link import Position, RequestId

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis wants naive bounds
IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


@given(MOMENTS, IDS)
def test_a_cursor_leads_back_to_its_place(moment: datetime, link_id: str) -> None:
    place = Position(iso(moment), link_id)
    cursor = place.to_cursor()
    assert Position.from_cursor(cursor) == place
    assert cursor.isascii()
    assert set("=+/ ") & set(cursor) == set()
    assert len(cursor) <= 300


@given(
    st.one_of(
        st.text(max_size=50), st.binary(max_size=50).map(lambda b: base64.urlsafe_b64encode(b).decode())
    )
)
def test_anything_else_is_no_cursor(text: str) -> None:
    try:
        place = Position.from_cursor(text)
    except ValueError:
        return
    assert Position.from_cursor(place.to_cursor()) == place


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        [],
        ["2026-03-01T12:30:00.000000Z"],
        ["2026-03-01T12:30:00.000000Z", "abc", "extra"],
        ["2026-03-01", "abc"],
        ["2026-03-01T12:30:00.000000Z", "a b"],
        ["2026-03-01T12:30:00.000000Z", 7],
        [7, "abc"],
        {"userId": "someone-else"},
    ],
)
def test_a_forged_cursor_is_refused(content: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    with pytest.raises(ValueError, match="no cursor"):
        Position.from_cursor(cursor)


def test_a_deeply_nested_cursor_is_refused() -> None:
    cursor = base64.urlsafe_b64encode(b"[" * 200_000).decode()
    with pytest.raises(ValueError, match="no cursor"):
        Position.from_cursor(cursor)


def test_a_search_looks_at_name_and_target_in_any_case() -> None:
    link = make_link(id="Spring-Sale", original_url="https://example.com/Shoes")
    assert link.mentions("spring")
    assert link.mentions("SHOES")
    assert not link.mentions("hats")


def test_a_links_place_and_tag_follow_from_it() -> None:
    link = make_link(version=12)
    assert link.etag == '"12"'
    assert link.position == Position(iso(NOW), link.id)


def test_a_request_is_named_by_caller_key_and_content() -> None:
    names = {str(RequestId.of(*parts)) for parts in [("ann", "k", "c"), ("bob", "k", "c"), ("ann", "l", "c")]}
    assert len(names) == 3
    assert RequestId.of("ann", "k", "c") == RequestId.of("ann", "k", "c")
    # The key stands in the row as a hash, so that reading the table gives nobody's keys away.
    assert "secret" not in str(RequestId.of("ann", "secret", "c"))


def test_a_caller_cannot_slip_into_anothers_name() -> None:
    assert RequestId.of('a","b', "c", "") != RequestId.of("a", 'b","c', "")
