"""The fake and the real repository keep the same promises; what only DynamoDB can do follows below."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from moto import mock_aws
from services.redirect.tests.support import TABLE, FakeLinks, create_table, make_link, row

from hopcount_shared.errors import UnavailableError
from hopcount_shared.times import from_iso
from redirect.repository import PROJECTION, DynamoLinks
from redirect.service import Links

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

EXPIRES_AT = "2026-11-22T15:26:58.123456Z"
FULL = make_link(
    "full", expires_at=from_iso(EXPIRES_AT), deleted=True, status=308, max_age=3600, owner="deleted#owner-1"
)
FULL_ROW = row(
    "full",
    userId={"S": "deleted#owner-1"},
    expiresAt={"S": EXPIRES_AT},
    deletedAt={"S": EXPIRES_AT},
    redirectStatus={"N": "308"},
    maxAge={"N": "3600"},
)


@pytest.fixture
def dynamodb() -> Iterator["DynamoDBClient"]:
    with mock_aws():
        client = create_table()
        for item in (row(), FULL_ROW):
            client.put_item(TableName=TABLE, Item=item)
        yield client


@pytest.fixture(params=["fake", "dynamodb"])
def links(request: pytest.FixtureRequest) -> Links:
    if request.param == "fake":
        return FakeLinks(make_link(), FULL)
    return DynamoLinks(request.getfixturevalue("dynamodb"), TABLE)


class TestLinks:
    def test_a_plain_link_is_found(self, links: Links) -> None:
        assert links.get("abc1234") == make_link()

    def test_a_link_with_everything_is_found(self, links: Links) -> None:
        assert links.get("full") == FULL

    def test_an_unknown_one_is_not(self, links: Links) -> None:
        assert links.get("ABC1234") is None


class TestDynamoLinks:
    def test_a_row_without_a_target_is_no_link(self, dynamodb: "DynamoDBClient") -> None:
        dynamodb.put_item(TableName=TABLE, Item={"id": {"S": "erased"}, "erasedAt": {"S": EXPIRES_AT}})
        assert DynamoLinks(dynamodb, TABLE).get("erased") is None

    def test_reads_what_was_written_an_instant_ago_and_no_more_than_it_may(self) -> None:
        asked: dict[str, Any] = {}

        class Client:
            def get_item(self, **request: Any) -> dict[str, Any]:
                asked.update(request)
                return {}

        client: Any = Client()
        assert DynamoLinks(client, TABLE).get("abc1234") is None
        assert asked["ConsistentRead"] is True
        assert asked["ProjectionExpression"] == PROJECTION

    def test_asks_for_exactly_what_the_policy_lets_it_read(self) -> None:
        policy = (Path(__file__).parents[1] / "infra" / "roles.yml").read_text()
        [allowed] = re.findall(r'"dynamodb:Attributes":\s*\[([^]]+)\]', policy)
        assert allowed.split(", ") == PROJECTION.split(", ")

    @pytest.mark.parametrize(
        "error",
        [
            ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "GetItem"),
            ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetItem"),
            ConnectTimeoutError(endpoint_url="https://dynamodb"),
        ],
    )
    def test_a_table_that_does_not_answer_is_told_as_such(self, error: Exception) -> None:
        class Client:
            def get_item(self, **_: Any) -> None:
                raise error

        client: Any = Client()
        with pytest.raises(UnavailableError) as caught:
            DynamoLinks(client, TABLE).get("abc1234")
        assert caught.value.retry_after > 0
