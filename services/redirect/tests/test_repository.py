"""The fake and the real repository keep the same promises; what only DynamoDB can do follows below."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from services.redirect.tests.support import (
    TABLE,
    FakeAws,
    FakeLinks,
    create_table,
    make_client,
    make_link,
    row,
)

from hopcount_shared.errors import UnavailableError
from hopcount_shared.times import from_iso
from redirect.aws.client import DYNAMODB
from redirect.aws.errors import CredentialsError, RefusedError, UnansweredError
from redirect.repository import PROJECTION, DynamoLinks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from redirect.service import Links

EXPIRES_AT = "2026-11-22T15:26:58.123456Z"
FULL = make_link(
    "full",
    expires_at=from_iso(EXPIRES_AT),
    deleted=True,
    status=308,
    max_age=3600,
    owner="deleted#owner-1",
    pass_query=True,
    disabled="Phishing",
)
FULL_ROW = row(
    "full",
    userId={"S": "deleted#owner-1"},
    expiresAt={"S": EXPIRES_AT},
    deletedAt={"S": EXPIRES_AT},
    redirectStatus={"N": "308"},
    maxAge={"N": "3600"},
    passQuery={"BOOL": True},
    disabledAt={"S": EXPIRES_AT},
    disabledReason={"S": "Phishing"},
)


@pytest.fixture
def dynamodb(aws: str) -> "DynamoDBClient":
    client = create_table()
    for item in (row(), FULL_ROW):
        client.put_item(TableName=TABLE, Item=item)
    return client


@pytest.fixture
def dynamo_links(dynamodb: "DynamoDBClient") -> DynamoLinks:
    return DynamoLinks(make_client(DYNAMODB), TABLE)


@pytest.fixture(params=["fake", "dynamodb"])
def links(request: pytest.FixtureRequest) -> "Links":
    if request.param == "fake":
        return FakeLinks(make_link(), FULL)
    found: DynamoLinks = request.getfixturevalue("dynamo_links")
    return found


class TestLinks:
    def test_a_plain_link_is_found(self, links: "Links") -> None:
        assert links.get("abc1234") == make_link()

    def test_a_link_with_everything_is_found(self, links: "Links") -> None:
        assert links.get("full") == FULL

    def test_an_unknown_one_is_not(self, links: "Links") -> None:
        assert links.get("ABC1234") is None


class TestDynamoLinks:
    def test_a_row_without_a_target_is_no_link(
        self, dynamodb: "DynamoDBClient", dynamo_links: DynamoLinks
    ) -> None:
        dynamodb.put_item(TableName=TABLE, Item={"id": {"S": "odd"}, "epoch_x": {"N": "7"}})
        assert dynamo_links.get("odd") is None

    @pytest.mark.parametrize(
        "item",
        [
            {"id": {"S": "erased"}, "erasedAt": {"S": EXPIRES_AT}, "change": {"S": "erased"}},
            row("erased", erasedAt={"S": EXPIRES_AT}, disabledAt={"S": EXPIRES_AT}),
        ],
        ids=["bare", "marked before it was erased"],
    )
    def test_an_erased_link_is_known_to_have_been_one(
        self, dynamodb: "DynamoDBClient", dynamo_links: DynamoLinks, item: dict[str, Any]
    ) -> None:
        dynamodb.put_item(TableName=TABLE, Item=item)
        assert dynamo_links.get("erased") == make_link("erased", url="", owner="", deleted=True)

    def test_a_link_may_be_disabled_without_a_reason_and_is_not_by_a_reason_alone(
        self, dynamodb: "DynamoDBClient", dynamo_links: DynamoLinks
    ) -> None:
        dynamodb.put_item(TableName=TABLE, Item=row("mute", disabledAt={"S": EXPIRES_AT}))
        dynamodb.put_item(TableName=TABLE, Item=row("free", disabledReason={"S": "It was once"}))
        assert dynamo_links.get("mute") == make_link("mute", disabled="")
        assert dynamo_links.get("free") == make_link("free")

    def test_a_query_that_is_not_handed_on_is_not(
        self, dynamodb: "DynamoDBClient", dynamo_links: DynamoLinks
    ) -> None:
        dynamodb.put_item(TableName=TABLE, Item=row("plain", passQuery={"BOOL": False}))
        assert dynamo_links.get("plain") == make_link("plain")

    def test_reads_what_was_written_an_instant_ago_and_no_more_than_it_may(self) -> None:
        aws = FakeAws({})
        assert DynamoLinks(aws, TABLE).get("abc1234") is None  # type: ignore[arg-type]
        [(operation, request, _)] = aws.calls
        assert operation == "GetItem"
        assert request["ConsistentRead"] is True
        assert request["ProjectionExpression"] == PROJECTION

    def test_asks_for_exactly_what_the_policy_lets_it_read(self) -> None:
        policy = (Path(__file__).parents[1] / "infra" / "roles.yml").read_text()
        [allowed] = re.findall(r'"dynamodb:Attributes":\s*\[([^]]+)\]', policy)
        assert re.split(r",\s*", allowed.strip()) == PROJECTION.split(", ")

    @pytest.mark.parametrize(
        "error",
        [
            RefusedError(400, "ProvisionedThroughputExceededException"),
            RefusedError(400, "ResourceNotFoundException"),
            UnansweredError("too slow"),
            CredentialsError("none"),
        ],
    )
    def test_a_table_that_does_not_answer_is_told_as_such(self, error: Exception) -> None:
        with pytest.raises(UnavailableError) as caught:
            DynamoLinks(FakeAws(error), TABLE).get("abc1234")  # type: ignore[arg-type]
        assert caught.value.retry_after > 0
        assert caught.value.__cause__ is error
