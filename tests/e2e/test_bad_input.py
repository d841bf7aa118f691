"""Bad input gets a clear answer that names the field, and changes nothing."""

from typing import Any

import pytest

from tests.support.people import Creator, Visitor, problem
from tests.support.stack import Stack

BAD_FIELDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("originalUrl", {}),
    ("originalUrl", {"originalUrl": None}),
    ("originalUrl", {"originalUrl": 7}),
    ("originalUrl", {"originalUrl": "example.com"}),
    ("originalUrl", {"originalUrl": "ftp://example.com/"}),
    ("originalUrl", {"originalUrl": "javascript:alert(1)"}),
    ("originalUrl", {"originalUrl": "https://user:secret@example.com/"}),
    ("originalUrl", {"originalUrl": "https://example.com/\r\nX-Evil: 1"}),
    ("originalUrl", {"originalUrl": "https://example.com/" + "a" * 2048}),
    ("originalUrl", {"originalUrl": "https:///path"}),
    ("alias", {"originalUrl": "https://example.com/", "alias": "ab"}),
    ("alias", {"originalUrl": "https://example.com/", "alias": "a" * 65}),
    ("alias", {"originalUrl": "https://example.com/", "alias": "with space"}),
    ("alias", {"originalUrl": "https://example.com/", "alias": "../etc"}),
    ("alias", {"originalUrl": "https://example.com/", "alias": "health"}),
    ("alias", {"originalUrl": "https://example.com/", "alias": "URLS"}),
    ("expiresAt", {"originalUrl": "https://example.com/", "expiresAt": "tomorrow"}),
    ("expiresAt", {"originalUrl": "https://example.com/", "expiresAt": "2020-01-01T00:00:00Z"}),
    ("expiresAt", {"originalUrl": "https://example.com/", "expiresAt": "2099-01-01T00:00:00"}),
    ("redirectStatus", {"originalUrl": "https://example.com/", "redirectStatus": 200}),
    ("redirectStatus", {"originalUrl": "https://example.com/", "redirectStatus": "301"}),
    ("maxAge", {"originalUrl": "https://example.com/", "maxAge": -1}),
    ("maxAge", {"originalUrl": "https://example.com/", "maxAge": 10**9}),
    ("passQuery", {"originalUrl": "https://example.com/", "passQuery": "true"}),
    ("surprise", {"originalUrl": "https://example.com/", "surprise": True}),
)


def named(answer: Any) -> set[str]:
    body = problem(answer, 422, "invalid-input")
    assert all(error["message"] for error in body["errors"])
    return {error["field"] for error in body["errors"]}


@pytest.mark.parametrize(("field", "body"), BAD_FIELDS)
def test_a_bad_field_is_named_on_creation(creator: Creator, field: str, body: dict[str, Any]) -> None:
    assert named(creator.http.post("/urls", json=body)) == {field}


def test_every_bad_field_is_named_at_once(creator: Creator) -> None:
    body = {"originalUrl": "nope", "alias": "a b", "redirectStatus": 418, "maxAge": "soon"}
    assert named(creator.http.post("/urls", json=body)) == set(body)


def test_nothing_was_made_of_bad_input(creator: Creator) -> None:
    assert creator.links() == []


def test_a_link_to_ourselves_is_refused(stack: Stack, creator: Creator) -> None:
    assert named(creator.http.post("/urls", json={"originalUrl": f"{stack.base_url}/abc"})) == {"originalUrl"}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "slug"),
    [
        (b"{", "application/json", 400, "malformed-request"),
        (b"", "application/json", 422, "invalid-input"),
        (b"[]", "application/json", 422, "invalid-input"),
        (b"null", "application/json", 422, "invalid-input"),
        (b'"text"', "application/json", 422, "invalid-input"),
        (b"\xff\xfe", "application/json", 400, "malformed-request"),
        (b"<x/>", "application/xml", 415, "unsupported-media-type"),
    ],
)
def test_an_unreadable_body_is_refused(
    creator: Creator, body: bytes, content_type: str, status: int, slug: str
) -> None:
    answer = creator.http.post("/urls", content=body, headers={"Content-Type": content_type})
    problem(answer, status, slug)


@pytest.mark.parametrize(
    ("field", "query"),
    [
        ("limit", {"limit": 0}),
        ("limit", {"limit": 101}),
        ("limit", {"limit": "many"}),
        ("cursor", {"cursor": "nonsense"}),
        ("q", {"q": "x" * 101}),
    ],
)
def test_a_bad_query_of_the_list_is_named(creator: Creator, field: str, query: dict[str, Any]) -> None:
    assert named(creator.http.get("/urls", params=query)) == {field}


def test_a_bad_edit_is_named_and_changes_nothing(creator: Creator, visitor: Visitor) -> None:
    code = creator.create("https://example.com/before")["id"]
    for field, body in (
        ("originalUrl", {"originalUrl": "nope"}),
        ("redirectStatus", {"redirectStatus": 999}),
        ("passQuery", {"passQuery": None}),
        ("alias", {"alias": "renamed"}),
    ):
        assert field in named(creator.http.patch(f"/urls/{code}", json=body))
    assert creator.http.patch(f"/urls/{code}", json={}).status_code == 422
    assert visitor.follow(code).headers["location"] == "https://example.com/before"


@pytest.mark.parametrize(
    ("field", "query"),
    [
        ("from", {"from": "yesterday"}),
        ("to", {"to": "2026-02-30"}),
        ("from", {"from": "2026-02-02", "to": "2026-02-01"}),
        ("from", {"from": "2020-01-01", "to": "2026-01-01"}),
    ],
)
def test_a_bad_range_of_statistics_is_named(creator: Creator, field: str, query: dict[str, str]) -> None:
    code = creator.create()["id"]
    assert field in named(creator.http.get(f"/stats/{code}", params=query))


def test_a_stale_edit_is_refused(creator: Creator) -> None:
    code = creator.create()["id"]
    etag = creator.http.get(f"/urls/{code}").headers["etag"]
    first = creator.http.patch(f"/urls/{code}", json={"maxAge": 60}, headers={"If-Match": etag})
    assert first.status_code == 200
    assert first.headers["etag"] != etag
    second = creator.http.patch(f"/urls/{code}", json={"maxAge": 90}, headers={"If-Match": etag})
    problem(second, 412, "changed")
    assert creator.link(code)["maxAge"] == 60


@pytest.mark.parametrize("path", ["/%00", "/a%0d%0aSet-Cookie:x", "/..%2f..%2fetc", "/" + "x" * 2000, "/a.b"])
def test_an_odd_path_is_not_found(visitor: Visitor, path: str) -> None:
    answer = visitor.http.get(path)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
