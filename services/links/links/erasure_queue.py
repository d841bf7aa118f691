"""The queue of those whose links are to be erased, into which the eraser puts what it has not finished."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

LONGEST_DELAY = timedelta(minutes=15)
"""What SQS holds a message back for at most."""


class ErasureQueue:
    """Brings messages back.

    Parameters
    ----------
    sqs
        A boto3 client.
    url
        The queue's.
    late
        For how long after their deletion somebody may still make links.
    """

    def __init__(self, sqs: "SQSClient", url: str, late: timedelta) -> None:
        self._sqs = sqs
        self._url = url
        self._late = late

    def go_on(self, body: str) -> None:
        """Have the rest done by the next invocation."""
        self._sqs.send_message(QueueUrl=self._url, MessageBody=body)

    def look_again(self, body: str, deleted_at: datetime, now: datetime) -> None:
        """Have somebody look once more later, while links may still come.

        Whoever is gone has a token that is good until it expires, and a list of links lags behind them.
        """
        left = deleted_at + self._late - now
        if left > timedelta(0):
            delay = int(min(left, LONGEST_DELAY).total_seconds()) + 1
            delay = min(delay, int(LONGEST_DELAY.total_seconds()))
            self._sqs.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay)
