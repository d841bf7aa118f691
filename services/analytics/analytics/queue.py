"""The queues, as the consumer handles them beyond what Lambda does by itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from hopcount_shared.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


class ClickQueue:
    """Hands refused messages on, and wakes the folder.

    Parameters
    ----------
    sqs
        A boto3 SQS client.
    url
        The click queue.
    fold_url
        The queue of wake-ups, which delays them by as much as counts may be late.
    """

    def __init__(self, sqs: "SQSClient", url: str, fold_url: str) -> None:
        self._sqs = sqs
        self._url = url
        self._fold_url = fold_url

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

    def wake_folder(self) -> None:
        """Have the journal folded soon. Where it fails, the schedule does it within a minute."""
        try:
            self._sqs.send_message(QueueUrl=self._fold_url, MessageBody="{}")
        except (ClientError, BotoCoreError):
            logger.warning("the folder was not woken", exc_info=True)
