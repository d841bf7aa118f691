from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from services.analytics.tests.support import (
    CONSUMER_SETTINGS,
    HORIZON,
    NOW,
    DynamoWorld,
    FakeWorld,
    World,
    counts_of,
    dynamo_world,
    make_click,
)

from analytics.counting.count_clicks import Outcome
from analytics.counting.ledger import DynamoDbClickLedger


@pytest.fixture(params=["fake", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    with dynamo_world() as world:
        yield world


class TestClickLedger:
    def test_a_click_is_counted_everywhere_at_once(self, world: World) -> None:
        world.add_link("docs")
        assert world.ledger.count(make_click()) is Outcome.COUNTED
        assert world.counts() == counts_of({make_click()})

    def test_a_click_counts_once(self, world: World) -> None:
        world.add_link("docs")
        outcomes = [world.ledger.count(make_click()) for _ in range(3)]
        assert outcomes == [Outcome.COUNTED, Outcome.DUPLICATE, Outcome.DUPLICATE]
        assert world.counts() == counts_of({make_click()})

    def test_a_duplicate_that_tells_another_story_is_still_a_duplicate(self, world: World) -> None:
        world.add_link("docs")
        world.add_link("blog")
        world.ledger.count(make_click())
        forged = make_click(short_code="blog", user_id="bob", occurred_at=NOW - timedelta(days=1))
        assert world.ledger.count(forged) is Outcome.DUPLICATE
        assert world.counts() == counts_of({make_click()})

    def test_clicks_differ_by_producer_and_by_sequence(self, world: World) -> None:
        world.add_link("docs")
        clicks = {make_click(0), make_click(1), make_click(0, producer="z" * 22)}
        assert {world.ledger.count(click) for click in clicks} == {Outcome.COUNTED}
        assert world.counts() == counts_of(clicks)

    def test_days_and_hours_are_those_of_the_click(self, world: World) -> None:
        world.add_link("docs")
        clicks = {make_click(hours, occurred_at=NOW - timedelta(hours=hours)) for hours in range(0, 60, 5)}
        for click in clicks:
            world.ledger.count(click)
        assert world.counts() == counts_of(clicks)

    def test_a_click_on_no_link_is_rejected_and_leaves_nothing(self, world: World) -> None:
        world.add_link("docs")
        assert world.ledger.count(make_click(short_code="nope")) is Outcome.REJECTED
        assert world.counts() == counts_of(set())
        world.add_link("nope")
        assert world.ledger.count(make_click(short_code="nope")) is Outcome.COUNTED


class TestDynamoDb:
    @pytest.fixture
    def world(self) -> Iterator[DynamoWorld]:
        with dynamo_world() as world:
            world.add_link("docs")
            yield world

    def test_the_link_is_marked_as_counted_and_otherwise_left_alone(self, world: DynamoWorld) -> None:
        (before,) = world.rows("URL_SHORTENER_TABLE")
        world.ledger.count(make_click())
        (after,) = world.rows("URL_SHORTENER_TABLE")
        assert after == {**before, "clicks": {"N": "1"}, "change": {"S": "counted"}}

    def test_a_tombstone_keeps_counting(self, world: DynamoWorld) -> None:
        world.add_link("docs", userId={"S": "deleted#ann"}, deletedAt={"S": "2026-02-01T00:00:00.000000Z"})
        assert world.ledger.count(make_click()) is Outcome.COUNTED

    def test_the_claim_holds_nothing_but_its_name_and_its_end(self, world: DynamoWorld) -> None:
        click = make_click()
        world.ledger.count(click)
        expires = int((NOW + HORIZON + timedelta(days=1)).timestamp())
        assert world.rows("CLICK_LEDGER_TABLE") == [
            {"pk": {"S": f"click#{click.id}"}, "ttl": {"N": str(expires)}}
        ]

    def test_only_attributes_that_the_role_allows_are_named(self, world: DynamoWorld) -> None:
        sent: list[dict[str, Any]] = []
        world.dynamodb.meta.events.register(
            "provide-client-params.dynamodb.TransactWriteItems",
            lambda params, **_: sent.append(params),
        )
        world.ledger.count(make_click())
        _, link, _, user = (item.get("Update", {}) for item in sent[0]["TransactItems"])
        assert link["UpdateExpression"] == "ADD clicks :one SET #change = :counted"
        assert user["UpdateExpression"] == "ADD totalClicks :one"
        assert "ReturnValuesOnConditionCheckFailure" not in {*link, *user}


class Refusing:
    """A DynamoDB that answers every transaction with one error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def transact_write_items(self, **_: Any) -> None:
        raise self._error


def cancelled(*codes: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
            "CancellationReasons": [{"Code": code} for code in codes],
        },
        "TransactWriteItems",
    )


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "TransactWriteItems")


def count_against(error: Exception) -> Outcome:
    client: Any = Refusing(error)
    return DynamoDbClickLedger(client, CONSUMER_SETTINGS).count(make_click())


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (cancelled("ConditionalCheckFailed", "None", "None", "None"), Outcome.DUPLICATE),
        (cancelled("ConditionalCheckFailed", "TransactionConflict", "None", "None"), Outcome.DUPLICATE),
        (cancelled("ConditionalCheckFailed", "ConditionalCheckFailed", "None", "None"), Outcome.DUPLICATE),
        (cancelled("None", "ConditionalCheckFailed", "None", "None"), Outcome.REJECTED),
        (cancelled("None", "ConditionalCheckFailed", "None", "TransactionConflict"), Outcome.REJECTED),
        (cancelled("TransactionConflict", "ConditionalCheckFailed", "None", "None"), Outcome.BUSY),
        (cancelled("None", "TransactionConflict", "None", "None"), Outcome.BUSY),
        (cancelled("TransactionConflict", "None", "None", "TransactionConflict"), Outcome.BUSY),
        (cancelled("None", "None", "ThrottlingError", "None"), Outcome.BUSY),
        (cancelled("None", "None", "None", "ProvisionedThroughputExceeded"), Outcome.BUSY),
        (refused("ThrottlingException"), Outcome.BUSY),
        (refused("ProvisionedThroughputExceededException"), Outcome.BUSY),
        (refused("InternalServerError"), Outcome.BUSY),
        (refused("TransactionInProgressException"), Outcome.BUSY),
        (EndpointConnectionError(endpoint_url="https://dynamodb"), Outcome.BUSY),
        (ReadTimeoutError(endpoint_url="https://dynamodb"), Outcome.BUSY),
    ],
)
def test_what_an_error_means(error: Exception, outcome: Outcome) -> None:
    assert count_against(error) is outcome


@pytest.mark.parametrize(
    "error",
    [
        refused("AccessDeniedException"),
        refused("ResourceNotFoundException"),
        cancelled("None", "ValidationError", "None", "None"),
        cancelled(),
    ],
)
def test_an_error_that_waiting_does_not_mend_is_raised(error: ClientError) -> None:
    with pytest.raises(ClientError):
        count_against(error)
