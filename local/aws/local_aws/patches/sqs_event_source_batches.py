"""Batches from a queue are as large, and wait as long, as the event source mapping says.

AWS
    ``BatchSize`` up to 10,000; with ``MaximumBatchingWindowInSeconds`` Lambda gathers records until the
    batch is full, the window is over or the payload reaches 6 MB.
MiniStack
    At most 10 messages, at once, and no limit on bytes.
Here
    All three limits hold.
"""

import json
import threading
import time
from typing import Any

from ministack.core.concurrency import esm_wake
from ministack.services import lambda_svc, sqs

from local_aws.patching import Patch, targets_in

LARGEST_BATCH = 10_000
PAYLOAD_BYTES = 6_000_000
# What Lambda's record adds around the body: ids, receipt handle, attributes and ARN.
RECORD_OVERHEAD_BYTES = 700

Message = dict[str, Any]

_gathering_since: dict[str, float] = {}


def window_seconds(queue_arn: str) -> int:
    """Return the longest batching window of the mappings that read the queue."""
    windows = [
        int(mapping.get("MaximumBatchingWindowInSeconds") or 0)
        for _account, _region, mapping in lambda_svc._iter_all_esms()
        if mapping.get("EventSourceArn") == queue_arn
    ]
    return max(windows, default=0)


def fitting(messages: list[Message], limit: int) -> tuple[int, bool]:
    """Return how many leading messages fit one invocation, and whether the payload limit decided it."""
    size = 0
    for count, message in enumerate(messages[:limit]):
        size += len(json.dumps(message.get("body", ""))) + RECORD_OVERHEAD_BYTES
        if size > PAYLOAD_BYTES:
            return max(1, count), True
    return min(len(messages), limit), False


def still_gathering(queue_url: str, window: int, now: float) -> bool:
    """Tell whether the batch begun at the first visible message may still grow."""
    since = _gathering_since.get(queue_url)
    if since is None:
        _gathering_since[queue_url] = since = now
        # The poller sleeps up to a second between looks: wake it when the window is over.
        timer = threading.Timer(window, esm_wake.set)
        timer.daemon = True
        timer.start()
    return now - since < window


def receive(queue_url: str, max_number: int) -> list[Message]:
    """Take the next batch, or nothing while one is gathering."""
    limit = min(int(max_number or 1), LARGEST_BATCH)
    with sqs._queues_lock:
        queue = sqs._get_q(queue_url)
        sqs._expire_retained(queue)
        sqs._dlq_sweep(queue)
        now = time.time()
        visible = [message for message in queue["messages"] if message.get("visible_at", 0) <= now]
        if not visible:
            _gathering_since.pop(queue_url, None)
            return []
        count, full = fitting(visible, limit)
        window = window_seconds(queue["attributes"].get("QueueArn", ""))
        if window and not full and count < limit and still_gathering(queue_url, window, now):
            return []
        _gathering_since.pop(queue_url, None)
        timeout = int(queue["attributes"].get("VisibilityTimeout", "30"))
        taken: list[Message] = sqs._collect_msgs(queue, count, timeout)
        return taken


def apply() -> None:
    """Replace the poller's way of receiving."""
    sqs._receive_messages_for_esm = receive


PATCH = Patch(
    name="sqs-event-source-batches",
    targets=(
        targets_in(
            "ministack.services.sqs",
            {
                "_receive_messages_for_esm": "f230dbcd4974",
                "_collect_msgs": "308a6eb1b3d4",
            },
        )
        + targets_in(
            "ministack.services.lambda_svc",
            {
                "_poll_sqs": "e438a6a1e094",
                "_iter_all_esms": "7db06c0627a5",
            },
        )
    ),
    apply=apply,
)
