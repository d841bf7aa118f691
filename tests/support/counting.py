"""What counting has come to, from the click queue to the counters."""

from typing import Any

from tests.support.people import Creator
from tests.support.poll import until
from tests.support.stack import Stack

JOURNAL_PARTITIONS = 4


def settled(stack: Stack) -> bool:
    """Tell whether every click that was delivered is counted: no message, no journal entry, no open epoch."""
    if not _queue_is_empty(stack) or _pending(stack):
        return False
    return all(head["folded"]["BOOL"] for head in heads(stack))


def _queue_is_empty(stack: Stack) -> bool:
    attributes = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["clickQueueUrl"],
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )["Attributes"]
    return all(int(value) == 0 for value in attributes.values())


def heads(stack: Stack) -> list[dict[str, Any]]:
    """Return the heads of all shards."""
    return _query(stack, "heads")


def _pending(stack: Stack) -> bool:
    shards = [head["sk"]["S"] for head in heads(stack)]
    return any(
        _query(stack, f"journal#{shard}#{part}") for shard in shards for part in range(JOURNAL_PARTITIONS)
    )


def _query(stack: Stack, partition: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.dynamodb.query(
        TableName=stack.table("ClickLedger"),
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": partition}},
        ConsistentRead=True,
    )["Items"]
    return found


def assert_counted(stack: Stack, owner: Creator, code: str, clicks: int) -> None:
    """Wait for a number of clicks, then until nothing is under way, and find the number everywhere."""
    until(lambda: owner.link(code)["clicks"], lambda found: found >= clicks, seconds=120)
    until(lambda: settled(stack), lambda done: done, seconds=120)
    assert owner.link(code)["clicks"] == clicks
    assert owner.stats(code)["clicks"] == clicks
    assert owner.me()["totalClicks"] == clicks


def dead_letters(stack: Stack) -> int:
    """Return how many clicks wait in the dead-letter queue."""
    attributes = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["clickDlqUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])
