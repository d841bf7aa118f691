"""How Hopcount talks to AWS: client timeouts and retries, and what an error from it means."""

from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=25,
)

THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Error codes by which AWS says: later."""


def client(service: str) -> Any:
    """Make a client with Hopcount's timeouts (1 s to connect, 3 s to read) and four attempts.

    Returns `Any`: the caller's annotation names the typed client.
    """
    return boto3.client(cast("Any", service), config=_CONFIG)


def error_code(error: ClientError) -> str:
    """Return the code that AWS gave an error, for instance `ConditionalCheckFailedException`."""
    return error.response.get("Error", {}).get("Code", "")


def cancellation_codes(error: ClientError) -> tuple[str, ...]:
    """Return why each item of a cancelled transaction failed, in item order (`None` for: it did not)."""
    reasons = error.response.get("CancellationReasons", [])
    return tuple(reason.get("Code", "None") for reason in reasons)
