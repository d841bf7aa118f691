"""`Idempotency-Key`, through the function and Powertools, on tables in moto."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from botocore.exceptions import ClientError
from services.links.tests.support import INTERNAL_TABLE, LINKS_TABLE, Answer, Context, call

from links.domain.link import Link
from links.handlers import create_link, delete_link, update_link
from links.repository import DynamoLinkRepository

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

pytestmark = pytest.mark.usefixtures("deployed")

TARGET = "https://example.com/"
BODIES = [{"originalUrl": TARGET}, {"originalUrl": TARGET, "alias": "spring"}]


class Crash(BaseException):
    """The sandbox dies: nothing can catch this and clean up."""


def create(key: str, body: Any = None, context: Context | None = None, sub: str = "ann") -> Answer:
    headers = {"idempotency-key": key}
    body = body or {"originalUrl": TARGET}
    return call(create_link.handler, "POST", "/urls", context, body=body, headers=headers, sub=sub)


def links_made(dynamodb: "DynamoDBClient") -> int:
    return dynamodb.scan(TableName=LINKS_TABLE)["Count"]


def quota_used(dynamodb: "DynamoDBClient") -> int:
    rows = dynamodb.scan(TableName=INTERNAL_TABLE)["Items"]
    return sum(int(row["used"]["N"]) for row in rows if row["id"]["S"].startswith("quota#"))


def once_free(ask: Callable[[], Answer]) -> Answer:
    """Ask until the key that a dead request holds is free: its invocation's time limit frees it."""
    deadline = time.monotonic() + 10
    while (answer := ask()).status == 409 and time.monotonic() < deadline:
        pass
    return answer


def test_a_repeat_gets_the_first_answer_and_makes_nothing(
    deployed: "DynamoDBClient", capfd: pytest.CaptureFixture[str]
) -> None:
    first = create("k")
    assert first.status == 201
    assert create("k") == first
    assert (links_made(deployed), quota_used(deployed)) == (1, 1)
    assert capfd.readouterr().out.count('"LinkCreated":') == 1


def test_a_repeat_gets_the_first_answer_also_after_an_edit_and_a_delete(deployed: "DynamoDBClient") -> None:
    first = create("k")
    code = first.json["id"]
    call(update_link.handler, "PATCH", f"/urls/{code}", body={"maxAge": 60})
    assert create("k") == first
    call(delete_link.handler, "DELETE", f"/urls/{code}")
    assert create("k") == first


def test_the_same_wish_written_otherwise_is_a_repeat(deployed: "DynamoDBClient") -> None:
    first = create("k", {"originalUrl": "https://EXAMPLE.com", "maxAge": None})
    assert create("k", {"maxAge": None, "originalUrl": TARGET, "userId": "ann"}) == first
    assert create("k", {"originalUrl": TARGET, "passQuery": False}) == first


@pytest.mark.parametrize(
    "other", [{"originalUrl": "https://example.org/"}, {"originalUrl": TARGET, "passQuery": True}]
)
def test_another_body_is_refused(deployed: "DynamoDBClient", other: dict[str, Any]) -> None:
    create("k")
    answer = create("k", other)
    assert answer.status == 422
    assert answer.bad_fields == {"idempotency-key"}
    assert links_made(deployed) == 1


def test_everybody_has_their_own_keys(deployed: "DynamoDBClient") -> None:
    assert create("k").json["id"] != create("k", sub="bob").json["id"]
    assert links_made(deployed) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "tab\t", "ünter", "nul\x00", "line\n"])
def test_an_odd_key_is_refused(deployed: "DynamoDBClient", key: str) -> None:
    answer = create(key)
    assert answer.status == 422
    assert answer.bad_fields == {"idempotency-key"}
    assert links_made(deployed) == 0


@pytest.mark.parametrize("key", ["x", "x" * 255, "4fa1-!~\"'{}", "a,b"])
def test_a_key_is_up_to_255_visible_characters(deployed: "DynamoDBClient", key: str) -> None:
    assert create(key).status == 201


def test_a_key_that_is_being_worked_on_is_a_conflict(
    deployed: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    real, meanwhile = DynamoLinkRepository.create_link, []

    def slowly(self: DynamoLinkRepository, link: Link) -> Link | None:
        meanwhile.append(create("k"))
        return real(self, link)

    monkeypatch.setattr(DynamoLinkRepository, "create_link", slowly)
    assert create("k").status == 201
    (answer,) = meanwhile
    assert (answer.status, answer.json["type"]) == (409, "urn:hopcount:problem:conflict")
    assert links_made(deployed) == 1


def test_a_refusal_is_not_remembered(deployed: "DynamoDBClient") -> None:
    assert create("taken", BODIES[1]).status == 201
    assert create("k", BODIES[1]).status == 409
    assert create("k", {"originalUrl": TARGET, "alias": "summer"}).status == 201
    assert create("own", {"originalUrl": "https://sho.rt/x"}).status == 422
    assert create("own").status == 201


def test_a_repeat_is_answered_when_the_quota_is_used_up(deployed: "DynamoDBClient") -> None:
    first = create("k")
    for n in range(19):
        assert create(f"k{n}").status == 201
    assert create("more").status == 429
    assert create("k") == first


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("moment", ["before the put", "after the put"])
def test_a_crash_around_the_put_leaves_one_link_in_the_end(
    deployed: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch, body: Any, moment: str
) -> None:
    real = DynamoLinkRepository.create_link

    def dying(self: DynamoLinkRepository, link: Link) -> Link | None:
        if moment == "after the put":
            real(self, link)
        raise Crash

    with monkeypatch.context() as crashing:
        crashing.setattr(DynamoLinkRepository, "create_link", dying)
        for _ in range(2):
            with pytest.raises(Crash):
                once_free(lambda: create("k", body, Context(remaining_ms=1)))
            if moment == "after the put":
                break
    answer = once_free(lambda: create("k", body))
    assert answer.status == 201
    assert create("k", body) == answer
    assert links_made(deployed) == 1
    if moment == "after the put":
        assert quota_used(deployed) == 1


@pytest.mark.parametrize("body", BODIES)
def test_an_answer_that_could_not_be_remembered_is_found_again(
    deployed: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    def failing(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem")

    with monkeypatch.context() as throttled:
        throttled.setattr(DynamoDBPersistenceLayer, "save_success", failing)
        failed = create("k", body, Context(remaining_ms=1))
    assert (failed.status, failed.headers["retry-after"]) == (503, "1")
    answer = once_free(lambda: create("k", body))
    assert answer.status == 201
    assert (links_made(deployed), quota_used(deployed)) == (1, 1)


def test_after_a_crash_another_body_is_still_refused(
    deployed: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    real = DynamoLinkRepository.create_link

    def dying(self: DynamoLinkRepository, link: Link) -> Link | None:
        real(self, link)
        raise Crash

    with monkeypatch.context() as crashing:
        crashing.setattr(DynamoLinkRepository, "create_link", dying)
        with pytest.raises(Crash):
            create("k", context=Context(remaining_ms=1))
    answer = once_free(lambda: create("k", {"originalUrl": "https://example.org/"}))
    assert answer.status == 422
    assert answer.bad_fields == {"idempotency-key"}
    assert links_made(deployed) == 1


def test_what_is_remembered_ends_after_a_day_and_names_no_key(deployed: "DynamoDBClient") -> None:
    before = int(time.time())
    create("secret-key")
    (row,) = (
        row
        for row in deployed.scan(TableName=INTERNAL_TABLE)["Items"]
        if row["id"]["S"].startswith("create-link#")
    )
    assert 0 <= int(row["ttl"]["N"]) - before - 24 * 3600 <= 10
    assert row["status"] == {"S": "COMPLETED"}
    assert "secret-key" not in str(row)
    assert "secret-key" not in str(deployed.scan(TableName=LINKS_TABLE)["Items"])
