"""Many links with one request, through the front door."""

import uuid

import pytest

from tests.support.people import Creator, Json, Visitor, ok, problem
from tests.support.poll import until
from tests.support.stack import Stack

ROWS = 500


def send(creator: Creator, rows: list[Json], key: str | None = None) -> Json:
    headers = {"Idempotency-Key": key} if key else {}
    return ok(creator.http.post("/urls/bulk", json={"links": rows}, headers=headers))


def test_five_hundred_links_are_made_once_however_often_they_are_asked_for(
    stack: Stack, visitor: Visitor
) -> None:
    creator, key = Creator.sign_up(stack), uuid.uuid4().hex
    rows = [{"originalUrl": f"https://example.com/{n}"} for n in range(ROWS)]
    first, again = send(creator, rows, key), send(creator, rows, key)
    assert (first["created"], again["existing"]) == (ROWS, ROWS)
    links = [result["link"] for result in first["results"]]
    assert [link["originalUrl"] for link in links] == [row["originalUrl"] for row in rows]
    assert [result["link"] for result in again["results"]] == links
    assert len({link["id"] for link in links}) == ROWS
    assert visitor.follow(links[-1]["id"]).headers["location"] == rows[-1]["originalUrl"]


def test_what_is_wrong_with_a_row_is_no_harm_to_the_others(creator: Creator, stranger: Creator) -> None:
    taken = f"taken-{uuid.uuid4().hex[:8]}"
    stranger.create(alias=taken)
    answer = send(
        creator,
        [
            {"originalUrl": "https://example.com/"},
            {"originalUrl": "javascript:alert(1)"},
            {"originalUrl": "https://example.com/", "alias": taken},
        ],
    )
    assert [result["status"] for result in answer["results"]] == ["created", "failed", "failed"]
    assert [result["problem"]["status"] for result in answer["results"][1:]] == [422, 409]
    assert answer["results"][1]["problem"]["errors"][0]["field"] == "originalUrl"


def test_a_link_from_elsewhere_keeps_its_code_its_age_and_its_clicks(
    creator: Creator, visitor: Visitor
) -> None:
    code = free_short_code(visitor)
    row = {
        "originalUrl": "https://example.com/moved",
        "alias": code,
        "createdAt": "2019-05-01T10:00:00Z",
        "importedClicks": 41,
    }
    (made,) = send(creator, [row])["results"]
    assert made["status"] == "created"
    assert visitor.follow(code).headers["location"] == row["originalUrl"]
    link = until(lambda: creator.link(code), lambda link: link["clicks"] == 1)
    assert (link["id"], link["createdAt"]) == (code, "2019-05-01T10:00:00.000000Z")
    assert link["importedClicks"] == 41
    assert creator.stats(code)["totalClicks"] == 1
    (again,) = send(creator, [row])["results"]
    assert (again["status"], again["link"]["id"]) == ("existing", code)


def free_short_code(visitor: Visitor) -> str:
    """Find a code of two characters that nobody has: on this machine, tests ran before."""
    alphabet = "abcdefghijkmnpqrstuwxyz-_"
    codes = (one + other for one in alphabet for other in alphabet)
    return next(code for code in codes if visitor.follow(code).status_code == 404)


@pytest.mark.parametrize("links", [None, [], {}, [{"originalUrl": "https://example.com/"}] * (ROWS + 1)])
def test_what_is_no_list_of_rows_is_refused(creator: Creator, links: object) -> None:
    problem(creator.http.post("/urls/bulk", json={"links": links}), 422, "invalid-input")
