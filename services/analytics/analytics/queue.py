"""The click queue, as its consumer handles it beyond what Lambda does by itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from hopcount_shared.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


class ClickQueue:
    """Hands refused messages on.

    Parameters
    ----------
    sqs
        A boto3 SQS client.
    url
        The queue.
    """

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def give_up(self, receipt_handles: Sequence[str]) -> None:
        """Let messages that no retry will mend be delivered again at once, not after the visibility timeout.

        They go through their deliveries to the dead-letter queue in seconds, and its alarm rings while
        somebody remembers the cause. Nothing depends on it: where it fails, they get there slowly.
        """
        try:
            for handle in receipt_handles:
                self._sqs.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=0
                )
        except (ClientError, BotoCoreError):
            logger.warning("refused messages wait for their visibility timeout", exc_info=True)
