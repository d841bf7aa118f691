"""The click ledger in DynamoDB: one transaction claims a click and adds it to its three counters.

This is the one place where this service writes rows that other services own. Its role lets it touch nothing
but the counters there (infra/roles.yml).
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as AwsConnectionError

from analytics.counting.count_clicks import Outcome
from analytics.domain.clicks import Click
from analytics.settings import ConsumerSettings
from hopcount_shared.aws import THROTTLES, cancellation_codes, error_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_FAILED_CONDITION = "ConditionalCheckFailed"
_CONTENTION = frozenset(
    {"None", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError", _FAILED_CONDITION}
)
_PASSING = THROTTLES | {"InternalServerError", "TransactionInProgressException", "ServiceUnavailable"}


class DynamoDbClickLedger:
    """Counts clicks in DynamoDB.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client.
    settings
        The tables and the horizon.
    """

    def __init__(self, dynamodb: "DynamoDBClient", settings: ConsumerSettings) -> None:
        self._dynamodb = dynamodb
        self._settings = settings
        self._horizon = timedelta(days=settings.click_horizon_days)

    def count(self, click: Click) -> Outcome:
        """Claim a click and add it to its counters, all or nothing; never twice for one click id."""
        try:
            self._dynamodb.transact_write_items(
                TransactItems=[self._claim(click), self._link(click), self._day(click), self._user(click)]
            )
        except (AwsConnectionError, HTTPClientError):
            # No answer: the transaction may have happened. The claim tells when it is tried again.
            return Outcome.BUSY
        except ClientError as error:
            return _outcome_of(error)
        return Outcome.COUNTED

    def _claim(self, click: Click) -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self._settings.click_ledger_table,
                "Item": {
                    "pk": {"S": f"click#{click.id}"},
                    "ttl": {"N": str(click.claim_expires_at(self._horizon))},
                },
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }

    def _link(self, click: Click) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self._settings.url_shortener_table,
                "Key": {"id": {"S": click.short_code}},
                "UpdateExpression": "ADD clicks :one SET #change = :counted",
                "ConditionExpression": "attribute_exists(id)",
                "ExpressionAttributeNames": {"#change": "change"},
                # The mark keeps counts out of the links' stream of facts: see that service.
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":counted": {"S": "counted"}},
            }
        }

    def _day(self, click: Click) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self._settings.daily_stats_table,
                "Key": {"shortCode": {"S": click.short_code}, "date": {"S": click.day}},
                "UpdateExpression": "ADD clicks :one, #hour :one",
                "ExpressionAttributeNames": {"#hour": f"h{click.hour:02}"},
                "ExpressionAttributeValues": {":one": {"N": "1"}},
            }
        }

    def _user(self, click: Click) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self._settings.user_table,
                "Key": {"userId": {"S": click.user_id}},
                "UpdateExpression": "ADD totalClicks :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}},
            }
        }


def _outcome_of(error: ClientError) -> Outcome:
    """Say what an error means; one that means nothing here is raised again."""
    if error_code(error) in _PASSING:
        return Outcome.BUSY
    reasons = cancellation_codes(error)
    if not reasons or not _CONTENTION.issuperset(reasons):
        raise error
    claim, link, *_ = reasons
    if claim == _FAILED_CONDITION:
        return Outcome.DUPLICATE
    if link == _FAILED_CONDITION and claim == "None":
        # Deleted links leave a row, so there never was such a link.
        return Outcome.REJECTED
    return Outcome.BUSY
