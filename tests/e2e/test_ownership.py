"""What is another's does not exist: 404 on every verb, word for word as for what never was."""

from typing import Any

import httpx
import pytest

from tests.support.people import Creator, Visitor, problem
from tests.support.stack import Stack

VERBS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/urls/{id}", None),
    ("PATCH", "/urls/{id}", {"originalUrl": "https://example.net/stolen"}),
    ("DELETE", "/urls/{id}", None),
    ("POST", "/urls/{id}/restore", None),
    ("GET", "/stats/{id}", None),
)


def refused(who: Creator, method: str, path: str, code: str, body: Any) -> httpx.Response:
    return who.http.request(method, path.format(id=code), json=body)


@pytest.mark.parametrize(("method", "path", "body"), VERBS)
def test_anothers_link_is_not_found(
    creator: Creator, stranger: Creator, visitor: Visitor, method: str, path: str, body: Any
) -> None:
    code = creator.create("https://example.com/mine")["id"]
    foreign = refused(stranger, method, path, code, body)
    missing = refused(stranger, method, path, "nosuchcode", body)
    assert problem(foreign, 404, "not-found") == problem(missing, 404, "not-found")
    assert creator.link(code)["originalUrl"] == "https://example.com/mine"
    assert visitor.follow(code).status_code == 301


def test_anothers_deleted_link_cannot_be_restored(creator: Creator, stranger: Creator) -> None:
    code = creator.create()["id"]
    assert creator.http.delete(f"/urls/{code}").status_code == 204
    problem(stranger.http.post(f"/urls/{code}/restore"), 404, "not-found")
    assert code not in [link["id"] for link in stranger.links(deleted=1)]


def test_a_user_id_of_ones_own_is_ignored_and_anothers_refused(
    stack: Stack, creator: Creator, stranger: Creator
) -> None:
    mine, other = creator.me()["userId"], stranger.me()["userId"]
    assert creator.http.get("/urls", params={"userId": mine}).status_code == 200
    problem(creator.http.get("/urls", params={"userId": other}), 403, "forbidden")
    problem(
        creator.http.post("/urls", json={"originalUrl": "https://example.com/", "userId": other}),
        403,
        "forbidden",
    )


def test_a_list_holds_ones_own_links_alone(creator: Creator, stranger: Creator) -> None:
    mine, theirs = creator.create()["id"], stranger.create()["id"]
    assert mine in [link["id"] for link in creator.links()]
    assert theirs not in [link["id"] for link in creator.links()]
