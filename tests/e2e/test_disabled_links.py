"""A link that whoever runs the service has disabled."""

from typing import Any

import pytest

from tests.support.people import Creator, Visitor, problem
from tests.support.stack import Stack

REASON = "Reported as phishing <script>alert(1)</script>"


@pytest.fixture
def code(stack: Stack, creator: Creator) -> str:
    """Make a link, and disable it as `hopcount ops link disable` does."""
    link: str = creator.create()["id"]
    write(
        stack,
        link,
        "SET disabledAt = :at, disabledReason = :reason, #change = :change ADD version :one",
        {
            ":at": {"S": "2026-11-22T15:26:58.123456Z"},
            ":reason": {"S": REASON},
            ":change": {"S": "disabled"},
            ":one": {"N": "1"},
        },
    )
    return link


def write(stack: Stack, code: str, expression: str, values: dict[str, Any]) -> None:
    stack.dynamodb.update_item(
        TableName=stack.table("UrlShortener"),
        Key={"id": {"S": code}},
        UpdateExpression=expression,
        ExpressionAttributeNames={"#change": "change"},
        ExpressionAttributeValues=values,
    )


def test_nobody_is_sent_on_and_everybody_is_told_why(stack: Stack, visitor: Visitor, code: str) -> None:
    page = visitor.follow(code, Accept="text/html")
    assert (page.status_code, page.headers["cache-control"]) == (451, "no-store")
    assert "Reported as phishing &lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script" not in page.text
    told = problem(visitor.follow(code, Accept="application/json"), 451, "disabled")
    assert REASON in told["detail"]
    head = visitor.http.head(f"/{code}")
    assert (head.status_code, head.content) == (451, b"")


def test_its_owner_sees_it_and_cannot_end_it(
    stack: Stack, creator: Creator, visitor: Visitor, code: str
) -> None:
    assert creator.link(code)["disabledReason"] == REASON
    edited = creator.http.patch(f"/urls/{code}", json={"originalUrl": "https://example.org/"})
    assert edited.json()["disabledAt"] == "2026-11-22T15:26:58.123456Z"
    assert creator.http.delete(f"/urls/{code}").status_code == 204
    assert visitor.follow(code).status_code == 410
    assert creator.http.post(f"/urls/{code}/restore").status_code == 200
    assert visitor.follow(code).status_code == 451
    values: dict[str, Any] = {":change": {"S": "enabled"}, ":one": {"N": "1"}}
    write(stack, code, "SET #change = :change REMOVE disabledAt, disabledReason ADD version :one", values)
    assert visitor.follow(code).headers["location"] == "https://example.org/"
    assert creator.link(code)["disabledAt"] is None
