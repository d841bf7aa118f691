"""How DynamoDB's answers read to the engine; shared by the ledger and the counters."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as AwsConnectionError

from analytics.counting.ports import BusyError
from hopcount_shared.aws import THROTTLES, cancellation_codes, error_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = Mapping[str, "AttributeValueTypeDef"]

FAILED_CONDITION = "ConditionalCheckFailed"

_PASSING = THROTTLES | {
    "InternalServerError",
    "ServiceUnavailable",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_PASSING_REASONS = frozenset(
    {"None", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError", FAILED_CONDITION}
)


@contextmanager
def busy_if_passing() -> Iterator[None]:
    """Raise `BusyError` for whatever another try may mend: throttles, conflicts, lost answers."""
    try:
        yield
    except (AwsConnectionError, HTTPClientError) as error:
        raise BusyError("no answer") from error
    except ClientError as error:
        if error_code(error) in _PASSING or _is_contention(error):
            raise BusyError(error_code(error)) from error
        raise


def _is_contention(error: ClientError) -> bool:
    """Tell a transaction that lost a race from one that can never happen, or that a condition refused."""
    reasons = set(cancellation_codes(error))
    return bool(reasons) and reasons <= _PASSING_REASONS and FAILED_CONDITION not in reasons


def text(value: str) -> dict[str, Any]:
    """Write a string."""
    return {"S": value}


def number(value: int) -> dict[str, Any]:
    """Write a number."""
    return {"N": str(value)}


def read_number(item: Item, name: str) -> int:
    """Read a number; 0 if there is none."""
    value = item.get(name)
    return int(value["N"]) if value else 0
