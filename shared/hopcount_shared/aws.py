"""How Hopcount talks to AWS: client timeouts and retries, and what an error from it means."""

from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Error codes by which AWS says: later."""


def client(service: str, *, connect_timeout: float = 1, read_timeout: float = 3, attempts: int = 4) -> Any:
    """Make a client that gives up early enough for its caller to say so.

    Parameters
    ----------
    service
        Name of the AWS service, as boto3 spells it.
    connect_timeout, read_timeout
        Seconds that one attempt may take to connect, and then to be answered.
    attempts
        How often a call is tried in all; between attempts botocore waits up to 1 s, then 2 s, then 4 s.

    Returns
    -------
    Any
        The client: the caller's annotation names its type.
    """
    config = Config(
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=25,
    )
    return boto3.client(cast("Any", service), config=config)


def error_code(error: ClientError) -> str:
    """Return the code that AWS gave an error, for instance `ConditionalCheckFailedException`."""
    return error.response.get("Error", {}).get("Code", "")


def condition_failed(error: ClientError) -> bool:
    """Tell whether a write was refused because its condition did not hold."""
    return error_code(error) == "ConditionalCheckFailedException"


def cancellation_codes(error: ClientError) -> tuple[str, ...]:
    """Return why each item of a cancelled transaction failed, in item order (`None` for: it did not)."""
    reasons = error.response.get("CancellationReasons", [])
    return tuple(reason.get("Code", "None") for reason in reasons)
