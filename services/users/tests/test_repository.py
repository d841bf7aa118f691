"""The fake and the real repository keep the same promises; what only DynamoDB can do follows below."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from services.users.tests.support import (
    EMAIL,
    INTERNAL_TABLE,
    NOW,
    SUB,
    USER_TABLE,
    FakeUsers,
    create_tables,
)

from hopcount_shared.errors import UnavailableError
from hopcount_shared.times import to_iso
from users.domain.user import User
from users.repository import DynamoUsers
from users.service import Users

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

FORGET_AT = NOW + timedelta(days=120)
CREATED_AT = to_iso(NOW)


@pytest.fixture
def dynamodb() -> Iterator["DynamoDBClient"]:
    with mock_aws():
        yield create_tables()


@pytest.fixture(params=["fake", "dynamodb"])
def users(request: pytest.FixtureRequest) -> Users:
    if request.param == "fake":
        return FakeUsers()
    return DynamoUsers(request.getfixturevalue("dynamodb"), USER_TABLE, INTERNAL_TABLE)


def cancelled(*reasons: str) -> dict[str, Any]:
    return {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }


def failing(response: Any) -> Any:
    """A DynamoDB client whose transactions fail."""

    class Client:
        def transact_write_items(self, **_: Any) -> None:
            raise ClientError(response, "TransactWriteItems")

    return Client()


class TestUsers:
    def test_nobody_is_there_at_first(self, users: Users) -> None:
        assert users.get(SUB) is None

    def test_a_registered_user_is_there(self, users: Users) -> None:
        registered = users.register(SUB, EMAIL, CREATED_AT)
        assert registered == users.get(SUB) == User(SUB, EMAIL, 0, 0, CREATED_AT)

    def test_registering_again_changes_nothing(self, users: Users) -> None:
        users.register(SUB, EMAIL, CREATED_AT)
        again = users.register(SUB, "other@example.com", to_iso(NOW + timedelta(days=1)))
        assert again == User(SUB, EMAIL, 0, 0, CREATED_AT)

    def test_a_user_without_an_address_can_register(self, users: Users) -> None:
        assert users.register(SUB, None, CREATED_AT) == User(SUB, None, 0, 0, CREATED_AT)

    def test_counting_comes_before_registering(self, users: Users) -> None:
        assert users.add_links(SUB, 1, "a:1", FORGET_AT)
        assert users.get(SUB) == User(SUB, None, 1, 0, None)
        assert users.register(SUB, EMAIL, CREATED_AT) == User(SUB, EMAIL, 1, 0, CREATED_AT)

    def test_totals_go_up_and_down(self, users: Users) -> None:
        for change, event_id in ((1, "a:1"), (1, "b:1"), (-1, "a:2"), (1, "a:3")):
            assert users.add_links(SUB, change, event_id, FORGET_AT)
        assert users.get(SUB) == User(SUB, total_links=2)

    def test_an_event_counts_once(self, users: Users) -> None:
        assert users.add_links(SUB, 1, "a:1", FORGET_AT)
        assert not users.add_links(SUB, 1, "a:1", FORGET_AT)
        assert users.get(SUB) == User(SUB, total_links=1)

    def test_an_erased_user_stays_erased(self, users: Users) -> None:
        users.register(SUB, EMAIL, CREATED_AT)
        users.add_links(SUB, 1, "a:1", FORGET_AT)
        assert users.mark_erased(SUB, CREATED_AT) == CREATED_AT
        users.erase(SUB)
        assert users.mark_erased(SUB, to_iso(NOW + timedelta(days=1))) == CREATED_AT
        users.erase(SUB)
        assert users.get(SUB) == User(SUB)

    def test_nothing_is_written_about_an_erased_user(self, users: Users) -> None:
        users.mark_erased(SUB, CREATED_AT)
        assert not users.add_links(SUB, 1, "a:1", FORGET_AT)
        assert users.register(SUB, EMAIL, CREATED_AT) is None
        assert users.get(SUB) == User(SUB)

    def test_users_are_apart(self, users: Users) -> None:
        users.add_links("one", 1, "a:1", FORGET_AT)
        users.add_links("other", 1, "b:1", FORGET_AT)
        assert users.get("one") == User("one", total_links=1)
        assert users.get("other") == User("other", total_links=1)


class TestDynamoUsers:
    def test_a_handled_event_is_forgotten_in_time(self, dynamodb: "DynamoDBClient") -> None:
        DynamoUsers(dynamodb, USER_TABLE, INTERNAL_TABLE).add_links(SUB, 1, "a:1", FORGET_AT)
        assert dynamodb.scan(TableName=INTERNAL_TABLE)["Items"] == [
            {"id": {"S": "event#a:1"}, "ttl": {"N": str(int(FORGET_AT.timestamp()))}}
        ]

    def test_what_is_left_of_an_erased_user_is_the_mark_and_the_counting_engines_own(
        self, dynamodb: "DynamoDBClient"
    ) -> None:
        users = DynamoUsers(dynamodb, USER_TABLE, INTERNAL_TABLE)
        users.register(SUB, EMAIL, CREATED_AT)
        dynamodb.update_item(
            TableName=USER_TABLE,
            Key={"userId": {"S": SUB}},
            UpdateExpression="ADD totalClicks :n, apiTokens :t SET epoch_abc = :n",
            ExpressionAttributeValues={":n": {"N": "41"}, ":t": {"SS": ["x"]}},
        )
        users.mark_erased(SUB, CREATED_AT)
        users.erase(SUB)
        assert dynamodb.scan(TableName=USER_TABLE)["Items"] == [
            {"userId": {"S": SUB}, "erasedAt": {"S": CREATED_AT}, "epoch_abc": {"N": "41"}}
        ]

    def test_nobody_is_erased_unmarked(self, dynamodb: "DynamoDBClient") -> None:
        users = DynamoUsers(dynamodb, USER_TABLE, INTERNAL_TABLE)
        users.register(SUB, EMAIL, CREATED_AT)
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            users.erase(SUB)
        assert users.get(SUB) == User(SUB, EMAIL, 0, 0, CREATED_AT)

    def test_clicks_counted_by_another_service_stay(self, dynamodb: "DynamoDBClient") -> None:
        dynamodb.update_item(
            TableName=USER_TABLE,
            Key={"userId": {"S": SUB}},
            UpdateExpression="ADD totalClicks :n",
            ExpressionAttributeValues={":n": {"N": "41"}},
        )
        users = DynamoUsers(dynamodb, USER_TABLE, INTERNAL_TABLE)
        assert users.register(SUB, EMAIL, CREATED_AT) == User(SUB, EMAIL, 0, 41, CREATED_AT)

    @pytest.mark.parametrize(
        "response",
        [
            {"Error": {"Code": "ThrottlingException"}},
            {"Error": {"Code": "ProvisionedThroughputExceededException"}},
            {"Error": {"Code": "TransactionInProgressException"}},
            {"Error": {"Code": "InternalServerError"}},
            cancelled("None", "TransactionConflict"),
            cancelled("TransactionConflict", "None"),
            cancelled("None", "ThrottlingError"),
            cancelled("None", "ProvisionedThroughputExceeded"),
        ],
    )
    def test_what_may_pass_is_told_apart(self, response: dict[str, Any]) -> None:
        with pytest.raises(UnavailableError):
            DynamoUsers(failing(response), USER_TABLE, INTERNAL_TABLE).add_links(SUB, 1, "a:1", FORGET_AT)

    def test_a_duplicate_in_conflict_is_a_duplicate(self) -> None:
        response = cancelled("ConditionalCheckFailed", "TransactionConflict")
        users = DynamoUsers(failing(response), USER_TABLE, INTERNAL_TABLE)
        assert not users.add_links(SUB, 1, "a:1", FORGET_AT)

    @pytest.mark.parametrize(
        "response", [{"Error": {"Code": "AccessDeniedException"}}, cancelled("None", "ValidationError")]
    )
    def test_what_stays_wrong_is_not_hidden(self, response: dict[str, Any]) -> None:
        with pytest.raises(ClientError):
            DynamoUsers(failing(response), USER_TABLE, INTERNAL_TABLE).add_links(SUB, 1, "a:1", FORGET_AT)
