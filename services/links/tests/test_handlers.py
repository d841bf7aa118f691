"""Each function, as the gateway calls it, on tables in moto."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from services.links.tests.support import ENVIRONMENT, Answer, call, tables

from links.handlers import create_link, delete_link, get_link, list_links, restore_link, update_link

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

TARGET = "https://example.com/some/where"


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator["DynamoDBClient"]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with tables() as client:
        yield client


pytestmark = pytest.mark.usefixtures("dynamodb")


def create(body: Any = None, **request: Any) -> Answer:
    return call(create_link.handler, "POST", "/urls", body=body or {"originalUrl": TARGET}, **request)


def listed(**request: Any) -> list[str]:
    answer = call(list_links.handler, "GET", "/urls", **request)
    assert answer.status == 200, answer
    return [item["id"] for item in answer.json["items"]]


def test_a_created_link_is_shown_listed_and_deleted() -> None:
    made = create()
    assert made.status == 201, made
    code = made.json["id"]
    assert made.headers["location"] == f"/urls/{code}"
    assert made.headers["etag"] == '"1"'
    assert made.json == {
        "id": code,
        "shortUrl": f"https://sho.rt/{code}",
        "originalUrl": TARGET,
        "clicks": 0,
        "botClicks": 0,
        "createdAt": made.json["createdAt"],
        "updatedAt": made.json["createdAt"],
        "expiresAt": None,
        "redirectStatus": 301,
        "maxAge": None,
    }
    shown = call(get_link.handler, "GET", f"/urls/{code}")
    assert (shown.status, shown.json) == (200, made.json)
    assert listed() == [code]
    assert call(delete_link.handler, "DELETE", f"/urls/{code}").status == 204
    assert listed() == []
    assert listed(query={"deleted": 1}) == [code]
    assert call(get_link.handler, "GET", f"/urls/{code}").status == 404
    restored = call(restore_link.handler, "POST", f"/urls/{code}/restore")
    assert restored.status == 200
    assert restored.headers["etag"] == '"3"'
    assert listed() == [code]
    changed = call(update_link.handler, "PATCH", f"/urls/{code}", body={"maxAge": 60})
    assert (changed.status, changed.json["maxAge"]) == (200, 60)
