"""Creation under concurrency, repetition and quotas."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from tests.support.people import Creator, Visitor, ok, problem
from tests.support.poll import until
from tests.support.stack import Stack

MANY = 1000
WINDOW_SECONDS = 600  # of the quota at stage `local`: services/links/serverless.yml


def test_simultaneous_creations_of_one_alias_make_one_link(creator: Creator, visitor: Visitor) -> None:
    alias = f"alias-{uuid.uuid4().hex[:8]}"
    bodies = [{"originalUrl": f"https://example.com/{n}", "alias": alias} for n in range(16)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda body: creator.http.post("/urls", json=body), bodies))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 15
    won = next(answer.json() for answer in answers if answer.status_code == 201)
    assert visitor.follow(alias).headers["location"] == won["originalUrl"]


def test_an_alias_is_never_inherited(creator: Creator, stranger: Creator) -> None:
    alias = f"alias-{uuid.uuid4().hex[:8]}"
    creator.create(alias=alias)
    assert creator.http.delete(f"/urls/{alias}").status_code == 204
    for who in (creator, stranger):
        answer = who.http.post("/urls", json={"originalUrl": "https://example.com/", "alias": alias})
        problem(answer, 409, "conflict")


def test_one_idempotency_key_makes_one_link(creator: Creator) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"originalUrl": f"https://example.com/{uuid.uuid4()}"}
    first, second = (ok(creator.http.post("/urls", json=body, headers=headers), 201) for _ in range(2))
    assert first["id"] == second["id"]
    assert [link["id"] for link in creator.links(q=body["originalUrl"])] == [first["id"]]
    other = creator.http.post("/urls", json={"originalUrl": "https://example.com/x"}, headers=headers)
    assert other.status_code == 422


def test_one_idempotency_key_at_once_makes_one_link(creator: Creator) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"originalUrl": f"https://example.com/{uuid.uuid4()}"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: creator.http.post("/urls", json=body, headers=headers), range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len(creator.links(q=body["originalUrl"])) == 1


def test_the_same_key_of_two_people_is_two_keys(creator: Creator, stranger: Creator) -> None:
    headers, body = {"Idempotency-Key": uuid.uuid4().hex}, {"originalUrl": "https://example.com/"}
    ids = {ok(who.http.post("/urls", json=body, headers=headers), 201)["id"] for who in (creator, stranger)}
    assert len(ids) == 2


def test_a_link_works_at_once_even_where_its_code_was_asked_for_before(
    creator: Creator, visitor: Visitor
) -> None:
    for _ in range(20):
        alias = f"new-{uuid.uuid4().hex[:8]}"
        assert visitor.follow(alias).status_code == 404
        creator.create(alias=alias)
        assert visitor.follow(alias).status_code == 301


def test_a_thousand_creations_overwrite_nothing(stack: Stack, visitor: Visitor) -> None:
    creator = Creator.sign_up(stack)
    urls = [f"https://example.com/{n}" for n in range(MANY)]
    with ThreadPoolExecutor(8) as pool:
        links = list(pool.map(creator.create, urls))
    assert len({link["id"] for link in links}) == MANY
    listed = {link["id"]: link["originalUrl"] for link in creator.links(limit=100)}
    assert listed == {link["id"]: link["originalUrl"] for link in links}
    until(creator.me, lambda me: me["totalLinks"] == MANY, seconds=120)


def test_the_list_is_newest_first_in_pages(stack: Stack) -> None:
    creator = Creator.sign_up(stack)
    made = [creator.create(f"https://example.com/{n}")["id"] for n in range(7)]
    assert [link["id"] for link in creator.links(limit=3)] == made[::-1]
    assert [link["originalUrl"] for link in creator.links(q="example.com/4")] == ["https://example.com/4"]


def test_too_many_creations_are_refused_for_a_while(stack: Stack) -> None:
    creator = Creator.sign_up(stack)
    creator.create()
    spend_the_quota(stack, creator.me()["userId"])
    answer = creator.http.post("/urls", json={"originalUrl": "https://example.com/"})
    problem(answer, 429, "quota-exceeded")
    assert 0 < int(answer.headers["retry-after"]) <= WINDOW_SECONDS
    assert len(creator.links()) == 1
    # A repeat of what was made before the quota ran out is no creation.
    assert creator.http.get("/urls").status_code == 200


def spend_the_quota(stack: Stack, user_id: str) -> None:
    """Set this user's counters of the current and the next window to far beyond any quota."""
    table = stack.table("UrlShortener").replace("UrlShortener", "LinksInternal")
    rows = stack.dynamodb.scan(TableName=table)["Items"]
    (row,) = [r for r in rows if user_id in r["id"]["S"] and r["id"]["S"].startswith("quota#")]
    prefix, start = row["id"]["S"].rsplit("#", 1)
    assert 0 <= time.time() - int(start) < WINDOW_SECONDS
    counter = next(name for name, value in row.items() if value.get("N") == "1" and name != "id")
    for window in (int(start), int(start) + WINDOW_SECONDS):
        stack.dynamodb.put_item(
            TableName=table, Item={**row, "id": {"S": f"{prefix}#{window}"}, counter: {"N": "1000000"}}
        )
