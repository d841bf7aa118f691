"""What is left of somebody's links when their account is gone."""

import uuid
from datetime import UTC, datetime

from hopcount_shared.times import to_iso
from tests.support.clicks import put_on_bus
from tests.support.people import Creator, Json, Visitor, ok
from tests.support.poll import until
from tests.support.stack import Stack

LINKS = 25
LEFT = {"id", "erasedAt", "change"}


def user_deleted(user_id: str) -> Json:
    """Write the event by which `users` tells that an account is gone."""
    moment = to_iso(datetime.now(UTC))
    return {
        "id": f"{user_id}:deleted",
        "type": "UserDeleted",
        "version": 1,
        "source": "hopcount.users",
        "time": moment,
        "correlationId": None,
        "data": {"userId": user_id, "occurredAt": moment},
    }


def attributes(stack: Stack, code: str) -> set[str]:
    """Return what a link's row holds, but for the marks of those who count."""
    return {name for name in stack.item("UrlShortener", id=code) or {} if not name.startswith("epoch_")}


def days(stack: Stack, code: str) -> list[Json]:
    answer = stack.dynamodb.query(
        TableName=stack.table("DailyStats"),
        KeyConditionExpression="shortCode = :code",
        ExpressionAttributeValues={":code": {"S": code}},
    )
    return [day for day in answer["Items"] if "erasedAt" not in day]


def test_links_lead_nowhere_and_nothing_tells_whose_they_were(
    stack: Stack, visitor: Visitor, stranger: Creator
) -> None:
    leaving = Creator.sign_up(stack)
    rows = [{"originalUrl": f"https://example.com/{n}"} for n in range(LINKS)]
    results = ok(leaving.http.post("/urls/bulk", json={"links": rows}))["results"]
    codes = [result["link"]["id"] for result in results]
    alias = leaving.create(alias=f"leaving-{uuid.uuid4().hex[:8]}")["id"]
    followed, trashed = codes[0], codes[1]
    assert leaving.http.delete(f"/urls/{trashed}").status_code == 204
    assert visitor.follow(followed).status_code == 301
    until(lambda: leaving.link(followed), lambda link: link["clicks"] == 1)
    kept = stranger.create()["id"]

    put_on_bus(stack, [user_deleted(leaving.me()["userId"])])
    for code in (*codes, alias):
        until(lambda code=code: visitor.follow(code).status_code, lambda status: status == 410, seconds=120)
    # Who counts hears of each link, and forgets its clicks too.
    until(lambda: attributes(stack, followed), lambda left: left == LEFT)
    until(lambda: attributes(stack, trashed), lambda left: left == LEFT)
    until(lambda: days(stack, followed), lambda left: left == [])

    assert leaving.http.get(f"/urls/{followed}").status_code == 404
    assert leaving.http.post(f"/urls/{trashed}/restore").status_code == 404
    assert leaving.links() == leaving.links(deleted=1) == []
    assert visitor.follow(kept).status_code == 301
    taken = stranger.http.post("/urls", json={"originalUrl": "https://example.com/", "alias": alias})
    assert taken.status_code == 409
